import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

const tallyReporter = fileURLToPath(new URL("./vitest-tally.mjs", import.meta.url));

/** Settings of the developer's own server. They are removed, so that no test depends on them. */
const serverSettings = /^(REDIS_URL|PORT|HOST|LOG_LEVEL|NODE_ENV|GRANDSTAND_(?!TEST_).*)$/;

/**
 * Runs the tests once and prints their results.
 *
 * @param {string[]} filters parts of the paths of the test files to run; empty for all files
 * @param {Record<string, string | undefined>} settings environment variables for the tests
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export function runVitest(filters, settings) {
  return new Promise((resolve, reject) => {
    const reporters = ["--reporter=default", `--reporter=${tallyReporter}`];
    const vitest = fork(toolPath("vitest"), ["run", ...reporters, ...filters], {
      cwd: root,
      env: { ...environmentOfTests(), ...settings },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    // The terminal sends Ctrl-C to Vitest too, but SIGTERM reaches only this process.
    process.once("SIGTERM", () => {
      vitest.kill("SIGTERM");
      process.exit(143);
    });

    let tally = { passed: 0, failed: 0 };
    vitest.on("message", (message) => {
      tally = message;
    });
    vitest.on("error", reject);
    vitest.on("close", (status) => {
      // Vitest crashed or found no test.
      if (status !== 0 && tally.failed === 0) tally.failed = 1;
      resolve(tally);
    });
  });
}

function environmentOfTests() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !serverSettings.test(name)));
}
