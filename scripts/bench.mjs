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
  const url = await ensureRedis();
  await build();

  const program = ["--import", "tsx", "--conditions=@grandstand/source", "bench/src/main.ts", ...args];
  const child = spawn(process.execPath, program, {
    cwd: root,
    env: { ...process.env, ...(url && { REDIS_URL: url }) },
    stdio: "inherit",
  });
  // Ctrl-C reaches the benchmark by itself; this process stays for its exit status, and for its Redis.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => process.exit(code ?? 1));
}
