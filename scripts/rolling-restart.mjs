import { build } from "./lib/build.mjs";
import { explain } from "./lib/failure.mjs";
import { runVitest } from "./lib/vitest.mjs";

/**
 * `npm run rolling-restart [clients]` runs the test of a rolling restart behind nginx with many clients.
 * `npm test` runs the same test with 60 clients.
 */
const [clients = "1000"] = process.argv.slice(2);

try {
  await build();
  const { failed } = await runVitest(["rolling-restart"], { ROLLING_CLIENTS: clients });
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
