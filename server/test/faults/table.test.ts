import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Keys } from "../../src/redis/keys.js";
import { RestartableRedis } from "../support/chaos/restartable-redis.js";
import { eventually } from "../support/eventually.js";
import { FAULT_ROOM, type FaultResult, runFault } from "../support/faults/run-fault.js";
import { type ShapedProxy, shapedProxy } from "../support/faults/shaped-proxy.js";
import { freshPrefix } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";
import { startCluster } from "../support/redis/cluster.js";
import { SENTINEL_MASTER, startSentinels } from "../support/redis/sentinel.js";
import type { RedisProcess } from "../support/redis/servers.js";

/**
 * Whether all rows of the table in docs/reliability.md run, as with `npm run test:faults`. `npm test` runs only
 * the quick rows.
 */
const isWhole = process.env.GRANDSTAND_TEST_FAULTS === "all";
const TIMEOUT = { timeout: 180_000 };

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface System {
  redis: RestartableRedis;
  proxy: ShapedProxy;
  nodes: NodeProcess[];
  prefix: string;
}

async function startSystem(): Promise<System> {
  // Some rows use commands that Redis 7 and later allow only with these settings.
  const settings = isWhole ? { "enable-debug-command": "yes", "enable-protected-configs": "yes" } : {};
  const redis = await RestartableRedis.start(settings);
  ends.push(() => redis.stop());
  const proxy = await shapedProxy(redis.socketPath);
  ends.push(() => proxy.close());
  const prefix = freshPrefix();
  const nodes = await startNodes(proxy.url, prefix);
  return { redis, proxy, nodes, prefix };
}

async function startNodes(
  redisUrl: string,
  prefix: string,
  env: Record<string, string> = {},
): Promise<NodeProcess[]> {
  const nodes = await Promise.all([1, 2].map(() => startNode({ redisUrl, prefix, env })));
  ends.push(() => Promise.all(nodes.map((node) => node.kill())));
  return nodes;
}

interface Row {
  fault: string;
  isQuick?: true;
  cause(system: System): Promise<unknown>;
  /** Whether this fault makes Redis lose writes that it acknowledged. */
  loses?: true;
  /** Checks what this fault causes, beyond the checks that the test makes for every fault. */
  expected?: (result: FaultResult) => void;
}

const call = ({ redis }: System, ...command: string[]) => redis.client.call(command[0]!, ...command.slice(1));
const isUnavailable = ({ rest }: FaultResult) => expect(rest).toContain("unavailable");
const isWritesOff = (reason: string) => (result: FaultResult) => {
  isUnavailable(result);
  expect(result.health).toContain(`200 ${reason}`);
  expect(result.log).toContain(`redis does not serve writes (${reason})`);
};

const paused =
  (seconds: number) =>
  async ({ redis }: System) => {
    redis.pause();
    await setTimeout(1_000 * seconds);
    redis.resume();
  };

const rows: Row[] = [
  { fault: "Redis is paused for 1 s", cause: paused(1) },
  { fault: "Redis is paused for 5 s", cause: paused(5), expected: isUnavailable },
  { fault: "Redis is paused for 20 s", cause: paused(20), expected: isUnavailable },
  {
    fault: "Redis is killed and restarts with its append-only file",
    isQuick: true,
    cause: ({ redis }) => redis.restart(),
  },
  {
    fault: "Redis restarts empty",
    loses: true,
    cause: ({ redis }) => redis.restartEmpty(),
    expected: ({ lost, reasons }) => {
      expect(lost).toBeGreaterThan(0);
      expect(reasons.length).toBeGreaterThan(0);
    },
  },
  {
    fault: "each reply of Redis takes 200 ms longer, for 5 s",
    cause: async ({ proxy }) => {
      proxy.delay(200);
      await setTimeout(5_000);
      proxy.delay(0);
    },
    expected: ({ rest }) => expect(rest).toEqual(["ok"]),
  },
  {
    fault: "connections to Redis are half-open: commands arrive, replies do not",
    cause: async ({ proxy }) => proxy.dropReplies(),
    expected: isUnavailable,
  },
  {
    fault: "the memory of Redis is full for 5 s",
    cause: async (system) => {
      await call(system, "CONFIG", "SET", "maxmemory", "1");
      await setTimeout(5_000);
      await call(system, "CONFIG", "SET", "maxmemory", "0");
    },
    expected: isWritesOff("OOM"),
  },
  {
    fault: "Redis can't write its snapshots for 5 s",
    cause: async (system) => {
      mkdirSync(`${system.redis.folder}/taken`, { recursive: true });
      await call(system, "CONFIG", "SET", "dbfilename", "taken");
      await call(system, "CONFIG", "SET", "save", "3600 1");
      await call(system, "BGSAVE");
      await eventually(async () =>
        expect(await system.redis.client.info("persistence")).toContain("rdb_last_bgsave_status:err"),
      );
      await setTimeout(5_000);
      await call(system, "CONFIG", "SET", "save", "");
    },
    expected: isWritesOff("MISCONF"),
  },
  {
    fault: "the append-only file of Redis can't be written for 5 s",
    cause: async ({ redis }) => {
      redis.limitFiles(1);
      await eventually(async () =>
        expect(await redis.client.info("persistence")).toContain("aof_last_write_status:err"),
      );
      await setTimeout(5_000);
      redis.limitFiles(null);
    },
    expected: isWritesOff("MISCONF"),
  },
  {
    fault: "all connections to Redis are killed",
    isQuick: true,
    cause: async (system) => {
      await call(system, "CLIENT", "KILL", "TYPE", "pubsub");
      await call(system, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
  },
  { fault: "Redis forgets its scripts", cause: (system) => call(system, "SCRIPT", "FLUSH") },
  {
    fault: "a command keeps Redis busy for 4 s",
    cause: (system) => call(system, "DEBUG", "SLEEP", "4"),
    expected: isUnavailable,
  },
  {
    fault: "a node is frozen for 5 s",
    cause: async ({ nodes }) => {
      process.kill(nodes[0]!.pid, "SIGSTOP");
      await setTimeout(5_000);
      process.kill(nodes[0]!.pid, "SIGCONT");
    },
  },
  {
    fault: "a node is killed, and another takes its place",
    cause: async ({ nodes, proxy, prefix }) => {
      const { port } = nodes[0]!;
      await nodes[0]!.kill();
      nodes[0] = await startNode({ redisUrl: proxy.url, prefix, port });
    },
    expected: ({ rest }) => expect(rest).toContain("no answer"),
  },
  {
    fault: "a node has no file descriptor left for 5 s",
    cause: async ({ nodes }) => {
      const { pid } = nodes[0]!;
      execFileSync("prlimit", ["--pid", String(pid), "--nofile=4:4096"]);
      await setTimeout(5_000);
      execFileSync("prlimit", ["--pid", String(pid), "--nofile=4096:4096"]);
    },
  },
];

const chosen = rows.filter(({ isQuick }) => isWhole || isQuick);

for (const { fault, cause, expected, loses = false } of chosen) {
  it(`OP3: ${fault}: nothing is duplicated, reordered, or missed without notice`, TIMEOUT, async () => {
    const system = await startSystem();
    const result = await runFault(fault, system.nodes, async () => void (await cause(system)));
    expected?.(result);
    if (!loses) expect(result.lost).toBe(0);
  });
}

const LOST_TAIL = "a failover to a replica that lacks the last 2 s";
const WAITING = "a failover, with `GRANDSTAND_WAIT_REPLICAS=1`";
const CLUSTER = "a master of a Cluster is killed, and its replica takes its place";

const isPromoted = ({ client }: RedisProcess) =>
  eventually(async () => expect(await client.info("replication")).toContain("role:master"));

it.runIf(isWhole)(
  `OP3: ${LOST_TAIL}: messages that the replica had not received are lost, and readers get a notice`,
  TIMEOUT,
  async () => {
    const sentinels = await startSentinels();
    ends.push(() => sentinels.close());
    const env = { REDIS_SENTINEL_MASTER: SENTINEL_MASTER };
    const nodes = await startNodes(sentinels.url, freshPrefix(), env);
    const result = await runFault(LOST_TAIL, nodes, async () => {
      // The replica now follows a server that does not exist, so the primary acknowledges writes that the
      // replica does not receive.
      await sentinels.replica.client.call("REPLICAOF", "127.0.0.1", "1");
      await setTimeout(2_000);
      await sentinels.primary.kill();
      await isPromoted(sentinels.replica);
    });
    expect(result.lost).toBeGreaterThan(0);
    expect(result.reasons.length).toBeGreaterThan(0);
  },
);

it.runIf(isWhole)(`OP3: ${WAITING}: nothing is lost`, TIMEOUT, async () => {
  const sentinels = await startSentinels();
  ends.push(() => sentinels.close());
  const env = { REDIS_SENTINEL_MASTER: SENTINEL_MASTER, GRANDSTAND_WAIT_REPLICAS: "1" };
  const nodes = await startNodes(sentinels.url, freshPrefix(), env);
  const result = await runFault(WAITING, nodes, async () => {
    await sentinels.primary.kill();
    await isPromoted(sentinels.replica);
    // The new primary has no replica, so the test adds one.
    await sentinels.addReplica(sentinels.replica);
  });
  expect(result.lost).toBe(0);
});

it.runIf(isWhole)(`OP3: ${CLUSTER}: if messages are lost, readers get a notice`, TIMEOUT, async () => {
  const cluster = await startCluster({ replicasEach: 1 });
  ends.push(() => cluster.close());
  const prefix = freshPrefix();
  const nodes = await startNodes(cluster.url, prefix, { REDIS_CLUSTER: "1" });
  const result = await runFault(CLUSTER, nodes, async () => {
    const { log } = new Keys(prefix).room(FAULT_ROOM);
    const counts = await Promise.all(cluster.masters.map(({ client }) => client.exists(log).catch(() => 0)));
    const at = counts.indexOf(1);
    await cluster.masters[at]!.kill();
    await isPromoted(cluster.replicas[at]!);
  });
  if (result.lost > 0) expect(result.reasons.length).toBeGreaterThan(0);
});

it("OP3: docs/reliability.md has one row for each fault", async () => {
  const text = await readFile(new URL("../../../docs/reliability.md", import.meta.url), "utf8");
  const names = [...rows.map(({ fault }) => fault), LOST_TAIL, WAITING, CLUSTER];
  const titles = names.map((name) => name[0]!.toUpperCase() + name.slice(1));
  const table = text.slice(text.indexOf("| Fault |")).split("\n\n")[0]!;
  expect([...table.matchAll(/^\| ([^|]+) \|/gm)].slice(1).map(([, fault]) => fault)).toEqual(titles);
});
