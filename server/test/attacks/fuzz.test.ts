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
import { hostileText, hostileValue, jsonOf } from "../support/attacks/hostile.js";
import { type Attack, attacks } from "../support/attacks/inputs.js";
import { heldMib } from "../support/attacks/memory.js";
import { restTarget } from "../support/attacks/rest-target.js";
import { placeSentinel, type Sentinel } from "../support/attacks/sentinel.js";
import { socketIoTarget } from "../support/attacks/socketio-target.js";
import type { Target } from "../support/attacks/target.js";
import { webSocketTarget } from "../support/attacks/websocket-target.js";
import { eventually } from "../support/eventually.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

/** Calls of a run; 100,000 take half a minute. */
const CALLS = Number(process.env.GRANDSTAND_TEST_FUZZ ?? 10_000);
/** And what is no call at all: each is sent in several ways, and costs connections. */
const JUNK = Math.ceil(CALLS / 100);
const SEED = Number(process.env.GRANDSTAND_TEST_FUZZ_SEED ?? randomInt(2 ** 30));

/** How many calls are under way on each target. */
const AT_ONCE = 8;
/** What caches may come to hold, which have a bound each. */
const MOST_GROWTH_MIB = 64;

const OUTSIDE = "outside:{lb:a1}:meta";
/** What only an attacker would have Redis do. */
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
let sentinel: Sentinel;
let targets: Target[];

beforeAll(async () => {
  // Of its own, so that all of its keys and commands are this node's.
  dataDir = await mkdtemp(join(tmpdir(), "grandstand-fuzz-"));
  embedded = await startEmbeddedRedis({ dataDir, log: quiet });
  redis = new Redis(embedded.socketPath);
  await redis.set(OUTSIDE, "untouched");
  node = await startAttackedNode({}, `unix://${embedded.socketPath}`);
  sentinel = await placeSentinel(node.url, freshId("sentinel"));
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

/** @returns what went wrong, each kind once. */
async function attackAll(all: Attack[]): Promise<string[]> {
  const faults = new Map<string, string>();
  const remaining = all.values();
  const carryOn = async (target: Target) => {
    for (const attack of remaining) {
      const fault = await target.attack(attack);
      if (fault === null) continue;
      const input = JSON.stringify(attack.input)?.slice(0, 500);
      faults.set(`${attack.operation}: ${fault}`, `${target.name}, ${attack.operation} ${input}: ${fault}`);
    }
  };
  const workers = targets.flatMap((target) => Array.from({ length: AT_ONCE }, () => carryOn(target)));
  await Promise.all(workers);
  return [...faults.values()];
}

it(`AU6, T6: ${CALLS} calls with broken and hostile input are answered as the contract has it, and harm nothing (seed ${SEED})`, {
  timeout: 60_000 + 5 * CALLS,
}, async () => {
  const before = await sentinel.look();
  const all = attacks(CALLS, SEED);
  const warming = all.splice(0, CALLS / 5);
  expect(await attackAll(warming)).toEqual([]);
  const heldBefore = heldMib();
  expect(await attackAll(all)).toEqual([]);
  expect(heldMib() - heldBefore).toBeLessThan(MOST_GROWTH_MIB);

  expect(await sentinel.look()).toEqual(before);
  await leavesNothing();
});

it(`T3, T6: ${JUNK} texts that are no calls are refused on each transport (seed ${SEED})`, {
  timeout: 60_000 + 100 * JUNK,
}, async () => {
  const texts = fc.sample(fc.oneof(hostileText, hostileValue.map(jsonOf)), { numRuns: JUNK, seed: SEED });
  await Promise.all(
    targets.map(async (target) => {
      for (const text of texts) await target.junk(text);
    }),
  );
  await leavesNothing();
});

/** The node is as it was, and in Redis there is nothing but its own. */
async function leavesNothing(): Promise<void> {
  await Promise.all(targets.map((target) => target.close()));
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
  expect(node.faults).toEqual([]);
  expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();

  expect(await redis.get(OUTSIDE)).toBe("untouched");
  const own = [`${node.prefix}:`, `{${node.prefix}:jobs}:`];
  const isOwn = (key: string) => own.some((beginning) => key.startsWith(beginning));
  expect((await redis.keys("*")).filter((key) => !isOwn(key))).toEqual([OUTSIDE]);
  const stats = await redis.info("commandstats");
  expect(FORBIDDEN.filter((command) => stats.includes(`cmdstat_${command}:`))).toEqual([]);
}
