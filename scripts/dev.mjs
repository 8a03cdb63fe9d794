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
  if (!env.REDIS_URL) {
    const redisUrl = await ensureRedis();
    if (redisUrl) env.REDIS_URL = redisUrl;
  }
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
  await seed({ url, key: firstKey(env).key });
}

function startNode(args, options) {
  // Neither reads the terminal: both would take keys for commands of their own.
  return spawn(process.execPath, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
}

/** One without the other is no use, and nothing may stay behind. */
function endTogether(children) {
  let status = 0;
  let running = children.length;
  const end = () => {
    for (const child of children) child.kill("SIGTERM");
  };
  for (const child of children) {
    child.on("exit", (code) => {
      status ||= code ?? 0;
      running -= 1;
      if (running === 0) process.exit(status);
      end();
    });
  }
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}

/** Resolves once the server answers, however often it has to be mended and restarted before. */
async function untilReady() {
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await delay(300);
  }
}
