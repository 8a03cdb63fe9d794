import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

const tallyReporter = fileURLToPath(new URL("./vitest-tally.mjs", import.meta.url));

/** What a developer's shell may set for a server of theirs, and no test must depend on. */
const serverSettings = /^(REDIS_URL|PORT|HOST|LOG_LEVEL|NODE_ENV|GRANDSTAND_(?!TEST_).*)$/;

/**
 * Runs the tests once, printing as it goes.
 *
 * @param {string[]} filters parts of the paths of the test files to run; none means all of them
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
    // Ctrl-C reaches vitest by itself; a signal to this process alone doesn't.
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
      // It crashed, or found no test to run.
      if (status !== 0 && tally.failed === 0) tally.failed = 1;
      resolve(tally);
    });
  });
}

function environmentOfTests() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !serverSettings.test(name)));
}
