import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EmbeddedRedis, startEmbeddedRedis } from "../../src/redis/embedded/server.js";
import { newGuest } from "../support/accounts.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { hostileText, hostileValue, jsonOf } from "../support/attacks/hostile-values.js";
import { type Attack, attacks } from "../support/attacks/inputs.js";
import { usedHeapMib } from "../support/attacks/memory.js";
import { createOwnedData, type OwnedData } from "../support/attacks/owned-data.js";
import { restTarget } from "../support/attacks/rest-target.js";
import { socketIoTarget } from "../support/attacks/socketio-target.js";
import type { Target } from "../support/attacks/target.js";
import { webSocketTarget } from "../support/attacks/websocket-target.js";
import { eventually } from "../support/eventually.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

/** The number of calls; 100,000 take half a minute. */
const CALLS = Number(process.env.GRANDSTAND_TEST_FUZZ ?? 10_000);
/**
 * The number of texts that are not calls. They are fewer, because each is sent in several forms and costs
 * connections.
 */
const GARBAGE = Math.ceil(CALLS / 100);
const SEED = Number(process.env.GRANDSTAND_TEST_FUZZ_SEED ?? randomInt(2 ** 30));

/** The number of concurrent calls on each target. */
const CONCURRENT_CALLS = 8;
/** How much the heap may grow. Some growth is normal, because the node's caches fill up to their bounds. */
const MAX_GROWTH_MIB = 64;

/** A key outside the node's prefix. */
const OUTSIDE = "outside:{lb:a1}:meta";
/** Commands that the node never sends. If Redis runs one, an attack has injected it. */
const FORBIDDEN = [
  "flushall",
  "flushdb",
  "swapdb",
  "shutdown",
  "config|set",
  "script|flush",
  "rename",
  "debug",
];

const quiet = { info() {}, warn() {}, error() {} };

let dataDir: string;
let embedded: EmbeddedRedis;
let redis: Redis;
let node: AttackedNode;
let owned: OwnedData;
let targets: Target[];

beforeAll(async () => {
  // The test has its own Redis, so that all keys and commands in it belong to this node.
  dataDir = await mkdtemp(join(tmpdir(), "grandstand-fuzz-"));
  embedded = await startEmbeddedRedis({ dataDir, log: quiet });
  redis = new Redis(embedded.socketPath);
  await redis.set(OUTSIDE, "untouched");
  node = await startAttackedNode({}, `unix://${embedded.socketPath}`);
  owned = await createOwnedData(node.url, freshId("owned"));
  const [ann, bo] = await Promise.all([newGuest(node.url, "Ann"), newGuest(node.url, "Bo")]);
  const attackers = [
    { name: "a server", token: TEST_API_KEY, user: null },
    { name: "Ann", token: ann.token, user: ann.user.id },
    { name: "Bo", token: bo.token, user: bo.user.id },
  ];
  const nobody = { name: "nobody", token: null, user: null };
  targets = [
    ...attackers.flatMap((attacker) =>
      [restTarget, webSocketTarget, socketIoTarget].map((target) => target(node.port, attacker)),
    ),
    restTarget(node.port, nobody),
    webSocketTarget(node.port, nobody),
  ];
});

afterAll(async () => {
  await node.close();
  redis.disconnect();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs the attacks. @returns the violations in the replies; if an operation repeats a violation, only one is listed */
async function attackAll(all: Attack[]): Promise<string[]> {
  const violations = new Map<string, string>();
  const remaining = all.values();
  const work = async (target: Target) => {
    for (const attack of remaining) {
      const violation = await target.attack(attack);
      if (violation === null) continue;
      const input = JSON.stringify(attack.input)?.slice(0, 500);
      violations.set(
        `${attack.operation}: ${violation}`,
        `${target.name}, ${attack.operation} ${input}: ${violation}`,
      );
    }
  };
  const workers = targets.flatMap((target) => Array.from({ length: CONCURRENT_CALLS }, () => work(target)));
  await Promise.all(workers);
  return [...violations.values()];
}

it(`AU6, T6: ${CALLS} calls with invalid and hostile input get replies that fit the contract and leave others' data unchanged (seed ${SEED})`, {
  timeout: 60_000 + 5 * CALLS,
}, async () => {
  const before = await owned.read();
  const all = attacks(CALLS, SEED);
  const warmup = all.splice(0, CALLS / 5);
  expect(await attackAll(warmup)).toEqual([]);
  const usedBefore = usedHeapMib();
  expect(await attackAll(all)).toEqual([]);
  expect(usedHeapMib() - usedBefore).toBeLessThan(MAX_GROWTH_MIB);

  expect(await owned.read()).toEqual(before);
  await expectNothingLeft();
});

it(`T3, T6: ${GARBAGE} texts that are not calls cause no error in the node and no foreign key in Redis (seed ${SEED})`, {
  timeout: 60_000 + 100 * GARBAGE,
}, async () => {
  const texts = fc.sample(fc.oneof(hostileText, hostileValue.map(jsonOf)), { numRuns: GARBAGE, seed: SEED });
  await Promise.all(
    targets.map(async (target) => {
      for (const text of texts) await target.sendGarbage(text);
    }),
  );
  await expectNothingLeft();
});

/**
 * Expects that the node has no connection and logged no error, that Redis has only keys of the node and
 * `OUTSIDE`, and that Redis ran no forbidden command.
 */
async function expectNothingLeft(): Promise<void> {
  await Promise.all(targets.map((target) => target.close()));
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
  expect(node.loggedErrors).toEqual([]);
  expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();

  expect(await redis.get(OUTSIDE)).toBe("untouched");
  const own = [`${node.prefix}:`, `{${node.prefix}:jobs}:`];
  const isOwn = (key: string) => own.some((beginning) => key.startsWith(beginning));
  expect((await redis.keys("*")).filter((key) => !isOwn(key))).toEqual([OUTSIDE]);
  const stats = await redis.info("commandstats");
  expect(FORBIDDEN.filter((command) => stats.includes(`cmdstat_${command}:`))).toEqual([]);
}
