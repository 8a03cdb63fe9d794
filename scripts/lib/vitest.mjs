import { fork } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

const tallyReporter = fileURLToPath(new URL("./vitest-tally.mjs", import.meta.url));

/** Settings of the developer's own server. They are removed, so that no test depends on them. */
const serverSettings = /^(REDIS_URL|PORT|HOST|LOG_LEVEL|NODE_ENV|GRANDSTAND_(?!TEST_).*)$/;

/** At most this many failed files are run again. If more fail, a busy machine is hardly the reason. */
const MAX_REPEATED_FILES = 8;

/**
 * Runs the tests and prints their results. Runs up to eight failed files once more, alone and one after the other: some
 * tests measure times, which a machine that is busy with the other tests may exceed. Prints the files that pass alone.
 *
 * @param {string[]} filters parts of the paths of the test files to run; empty for all files
 * @param {Record<string, string | undefined>} settings environment variables for the tests
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runVitest(filters, settings) {
  const first = await runOnce(filters, settings);
  const { failedFiles, isInFiles } = first;
  if (!isInFiles || failedFiles.length === 0 || failedFiles.length > MAX_REPEATED_FILES) return first;

  console.log(`\nRunning ${failedFiles.length} failed file(s) once more, one after the other.`);
  const second = await runOnce(["--no-file-parallelism", ...failedFiles], settings);
  if (!second.isInFiles) {
    console.log(
      "The second run crashed or failed outside of the files, so the failures of the first run stand.",
    );
    return first;
  }
  const flaky = failedFiles.filter((file) => !second.failedFiles.includes(file));
  for (const file of flaky)
    console.log(`Flaky: ${relative(root, file)} failed, and passed when it ran alone.`);
  return { passed: first.passed + first.failed - second.failed, failed: second.failed };
}

function runOnce(args, settings) {
  return new Promise((resolve, reject) => {
    const reporters = ["--reporter=default", `--reporter=${tallyReporter}`];
    const vitest = fork(toolPath("vitest"), ["run", ...reporters, ...args], {
      cwd: root,
      env: { ...environmentOfTests(), ...settings },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    // The terminal sends Ctrl-C to Vitest too, but SIGTERM reaches only this process.
    const stop = () => {
      vitest.kill("SIGTERM");
      process.exit(143);
    };
    process.once("SIGTERM", stop);

    let tally = { passed: 0, failed: 0, failedFiles: [], isInFiles: false };
    vitest.on("message", (message) => {
      tally = message;
    });
    vitest.on("error", reject);
    vitest.on("close", (status) => {
      process.off("SIGTERM", stop);
      // Vitest crashed or found no test.
      if (status !== 0 && tally.failed === 0) tally = { ...tally, failed: 1, isInFiles: false };
      resolve(tally);
    });
  });
}

function environmentOfTests() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !serverSettings.test(name)));
}
