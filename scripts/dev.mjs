import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyDemoSettings, firstKey } from "./lib/demo.mjs";
import { ensureRedis } from "./lib/ensure.mjs";
import { fail } from "./lib/failure.mjs";
import { toolPath } from "./lib/node.mjs";
import { root } from "./lib/repo.mjs";
import { seedDemo } from "./lib/seed.mjs";

// The port to which the page's development server forwards calls, see web/vite.config.ts.
const port = "8080";
const url = `http://127.0.0.1:${port}`;

try {
  await dev();
} catch (error) {
  fail(error);
}

async function dev() {
  const env = { ...process.env, NODE_ENV: "development", PORT: port };
  const redis = await ensureRedis();
  if (redis.url) env.REDIS_URL = redis.url;
  env.LOG_LEVEL ||= "info";
  applyDemoSettings(env);

  const children = [
    // `tsx watch` does not find the Lua scripts by itself, because they are read from disk and not imported.
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
  stopTogether(children);

  await untilReady();
  await seedDemo({ url, key: firstKey(env).key });
}

/**
 * Starts a child without stdin, because both children read key presses as commands. Each child has its own
 * process group; otherwise Ctrl-C would signal it twice, from the terminal and from this process.
 */
function startNode(args, options) {
  return spawn(process.execPath, args, {
    ...options,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
}

/** Stops all children when a child exits, or when this process is stopped. */
function stopTogether(children) {
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    for (const child of children) child.kill("SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  process.on("exit", stop);

  let running = children.length;
  for (const child of children) {
    child.on("exit", () => {
      // A child that exits by itself has failed, and has printed the reason.
      if (!isStopping) process.exitCode = 1;
      stop();
      running -= 1;
      if (running === 0) process.exit();
    });
  }
}

/** Resolves once the node is ready. Waits without a limit, because the developer may have to fix an error first. */
async function untilReady() {
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await delay(300);
  }
}
