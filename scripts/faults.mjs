import { build } from "./lib/build.mjs";
import { explain } from "./lib/failure.mjs";
import { runVitest } from "./lib/vitest.mjs";

/**
 * `npm run test:faults [file]` tests every row of the table of faults in docs/reliability.md, and runs
 * `grandstand verify` for a minute. `npm test` tests only the quick rows. The figures of each row are appended to
 * `file` as JSON.
 */
const [file] = process.argv.slice(2);

try {
  await build();
  const { failed } = await runVitest(["faults/table.test", "verify.test"], {
    GRANDSTAND_TEST_FAULTS: "all",
    VERIFY_SECONDS: "60",
    ...(file !== undefined && { GRANDSTAND_TEST_FAULTS_FILE: file }),
  });
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
