import { build } from "./lib/build.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { findProgram } from "./lib/program.mjs";
import { runVitest } from "./lib/vitest.mjs";

const suites = ["domains", "limits", "auth", "live"].map((name) => `server/src/${name}`);
suites.push("server/test/transports");

/** The test files and the settings for each kind of Redis. The tests start the Redis servers. */
const kinds = {
  cluster: {
    files: [...suites, "server/test/webhooks", "redis/cluster.test"],
    settings: { GRANDSTAND_TEST_REDIS_KIND: "cluster" },
  },
  valkey: {
    files: [...suites, "server/src/redis"],
    settings: { GRANDSTAND_TEST_REDIS_PROGRAM: "valkey-server" },
  },
  // This kind checks the rules of a Cluster on a single server: a script may touch only keys that it declares, all in one
  // slot.
  slots: {
    files: suites,
    settings: { GRANDSTAND_TEST_REDIS_PROGRAM: "redis-server", GRANDSTAND_TEST_SLOTS: "1" },
  },
  // The suites share one primary, so none of them kills the primary to cause a failover. `sentinel.test` tests failovers
  // on servers of its own.
  sentinel: {
    files: [...suites, "server/test/webhooks", "redis/sentinel.test"],
    settings: { GRANDSTAND_TEST_REDIS_KIND: "sentinel" },
  },
};

/**
 * `npm run test:redis -- cluster|valkey|slots|sentinel` runs the `files` of one of the `kinds` above, with its
 * `settings`.
 */
async function testRedis(kind) {
  if (!Object.hasOwn(kinds, kind))
    throw new Failure(`Name the kind of Redis: ${Object.keys(kinds).join(", ")}.`);
  const { files, settings } = kinds[kind];
  const program = settings.GRANDSTAND_TEST_REDIS_PROGRAM ?? "redis-server";
  if (findProgram(program) === undefined) throw new Failure(`There is no ${program} on PATH.`);
  await build();
  const { failed } = await runVitest(files, settings);
  process.exitCode = failed === 0 ? 0 : 1;
}

testRedis(process.argv[2] ?? "").catch(fail);
