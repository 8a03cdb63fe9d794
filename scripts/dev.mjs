import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyDemoSettings, firstKey } from "./lib/demo.mjs";
import { ensureRedis } from "./lib/ensure.mjs";
import { fail } from "./lib/failure.mjs";
import { toolPath } from "./lib/node.mjs";
import { root } from "./lib/repo.mjs";
import { seed } from "./lib/seed.mjs";

// Where the page's development server sends its calls, see web/vite.config.ts.
const port = "8080";
const url = `http://127.0.0.1:${port}`;

try {
  await dev();
} catch (error) {
  fail(error);
}

async function dev() {
  const env = { ...process.env, NODE_ENV: "development", PORT: port };
  const redisUrl = await ensureRedis();
  if (redisUrl) env.REDIS_URL = redisUrl;
  env.LOG_LEVEL ||= "info";
  applyDemoSettings(env);

  const children = [
    // A Lua script is read at the start, not imported, so it has to be named.
    startNode(
      [
        toolPath("tsx"),
        "watch",
        "--clear-screen=false",
        "--include=server/src/**/*.lua",
        "--conditions=@grandstand/source",
        "server/src/main.ts",
      ],
      { cwd: root, env },
    ),
    startNode([toolPath("vite")], { cwd: join(root, "web"), env }),
  ];
  endTogether(children);

  await untilReady();
  await seed({ url, key: firstKey(env).key }).catch((error) => {
    console.warn(`The demo's data could not be written: ${error.message}`);
  });
}

/**
 * Neither reads the terminal, whose keys both would take for commands. In a process group of its own each
 * gets one signal and ends in peace; Ctrl-C would reach the whole of ours, and again through this process.
 */
function startNode(args, options) {
  return spawn(process.execPath, args, {
    ...options,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
}

/** One without the other is no use, and nothing may stay behind. */
function endTogether(children) {
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    for (const child of children) child.kill("SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
  process.on("exit", end);

  let running = children.length;
  for (const child of children) {
    child.on("exit", () => {
      // By itself, and it has said why.
      if (!isEnding) process.exitCode = 1;
      end();
      running -= 1;
      if (running === 0) process.exit();
    });
  }
}

/** Resolves once the server answers, however often it has to be mended and restarted before. */
async function untilReady() {
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await delay(300);
  }
}
