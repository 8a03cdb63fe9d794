import { build } from "./lib/build.mjs";
import { checkGroups } from "./lib/checks.mjs";
import { ensureBalancers, ensureChromium, ensureRedis } from "./lib/ensure.mjs";
import { explain } from "./lib/failure.mjs";
import { secondsSince } from "./lib/node.mjs";
import { runVitest } from "./lib/vitest.mjs";

const filters = process.argv.slice(2);
const tally = { passed: 0, failed: 0 };

try {
  await test();
} catch (error) {
  tally.failed += 1;
  console.error(explain(error));
}
// The last line of stdout, for programs that run this script.
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;

async function test() {
  // `redisUrl` is undefined if the tests start a redis-server from PATH. All test files share one Redis, under
  // different key prefixes.
  const { url: redisUrl } = await ensureRedis("GRANDSTAND_TEST_REDIS_URL");
  const chromiumPath = await ensureChromium();
  ensureBalancers();

  await step("build", build);
  if (filters.length === 0) {
    await Promise.all(
      checkGroups.map(async (checks) => {
        for (const [name, check] of Object.entries(checks)) await step(name, check);
      }),
    );
  }

  const { passed, failed } = await runVitest(filters, {
    CHROMIUM_PATH: chromiumPath,
    GRANDSTAND_TEST_REDIS_URL: redisUrl,
  });
  tally.passed += passed;
  tally.failed += failed;
}

/** Runs one step and counts it. After a failure the next steps still run, so that one run shows all failures. */
async function step(name, run) {
  const startedAt = Date.now();
  try {
    await run();
    tally.passed += 1;
    console.log(`✓ ${name} (${secondsSince(startedAt)})`);
  } catch (error) {
    tally.failed += 1;
    console.log(`✗ ${name} (${secondsSince(startedAt)})\n\n${explain(error)}\n`);
  }
}
