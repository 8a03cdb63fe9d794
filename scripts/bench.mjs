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
  // Benchmarks delete all data in their Redis, so they never use REDIS_URL.
  const { url, program } = await ensureRedis("BENCH_REDIS_URL");
  await build();

  // Runs compiled code: a TypeScript loader would add to the memory and time that are measured.
  const child = spawn(process.execPath, ["bench/dist/main.js", ...args], {
    cwd: root,
    env: {
      ...process.env,
      ...(url && { BENCH_REDIS_URL: url }),
      ...(program && { BENCH_REDIS_PROGRAM: program }),
    },
    stdio: "inherit",
  });
  // The terminal sends Ctrl-C to the benchmark as well. This process waits for the benchmark's exit status.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 1));
}
