import { spawn } from "node:child_process";
import { build } from "./lib/build.mjs";
import { ensureRedis } from "./lib/ensure.mjs";
import { fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";

try {
  await bench(process.argv.slice(2));
} catch (error) {
  fail(error);
}

async function bench(args) {
  // A benchmark fills Redis and empties it, so it never uses the one that REDIS_URL names.
  const url = process.env.BENCH_REDIS_URL ?? (await ensureRedis());
  await build();

  // Compiled like the server that it measures: a loader would count as memory and time of the peers'.
  const child = spawn(process.execPath, ["bench/dist/main.js", ...args], {
    cwd: root,
    env: { ...process.env, ...(url && { BENCH_REDIS_URL: url }) },
    stdio: "inherit",
  });
  // Ctrl-C reaches the benchmark by itself; this process stays for its exit status, and for its Redis.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 1));
}
