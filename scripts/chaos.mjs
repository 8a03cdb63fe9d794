import { build } from "./lib/build.mjs";
import { explain } from "./lib/failure.mjs";
import { runVitest } from "./lib/vitest.mjs";

/**
 * `npm run chaos [seconds] [seed]` runs the chat chaos test, by default for a minute. `npm test` runs it for a few
 * seconds.
 */
const [seconds = "60", seed] = process.argv.slice(2);

try {
  await build();
  const { failed } = await runVitest(["chat-chaos"], {
    CHAOS_SECONDS: seconds,
    ...(seed !== undefined && { CHAOS_SEED: seed }),
  });
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
