import type { Random } from "./random.js";
import type { Reader } from "./reader.js";
import type { RedisServer } from "./redis-servers.js";

/** Processes of Grandstand nodes on this machine. A run may kill and freeze them. */
export interface OwnNodes {
  count: number;
  /** Kills the node at this index with SIGKILL and starts another on its port. @returns the killed node's process id */
  kill(at: number): Promise<number>;
  /** Stops the process of the node at this index for `ms`. @returns its process id */
  freeze(at: number, ms: number): Promise<number>;
}

export interface Faulty {
  random: Random;
  servers: RedisServer[];
  readers: Reader[];
  nodes: OwnNodes | null;
  /** The names of faults that have no effect on this system. */
  withoutEffect?: string[] | undefined;
}

/** Causes a fault. @returns the proof of its effect; null when no effect was observed */
type Fault = (system: Faulty) => Promise<string | null>;

const clientsOf = async ({ redis }: RedisServer, type: "pubsub" | "normal") =>
  [...String(await redis.call("CLIENT", "LIST", "TYPE", type)).matchAll(/^id=(\d+)/gm)].map(([, id]) => id!);

/** Kills connections on every server, and checks in CLIENT LIST that they are gone. */
async function killed({ servers }: Faulty, type: "pubsub" | "normal"): Promise<string | null> {
  let count = 0;
  for (const server of servers) {
    const before = await clientsOf(server, type);
    await server.redis.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
    const after = new Set(await clientsOf(server, type));
    count += before.filter((id) => !after.has(id)).length;
  }
  return count === 0 ? null : `${count} ${type} connections are gone from CLIENT LIST`;
}

/** Faults that a Redis client can cause. Times are in ms. */
const ofRedis: Record<string, Fault> = {
  "kill pub/sub connections": (system) => killed(system, "pubsub"),
  "kill all connections": async (system) => {
    const pubsub = await killed(system, "pubsub");
    return (await killed(system, "normal")) ?? pubsub;
  },
  "flush scripts": async ({ servers }) => {
    let count = 0;
    for (const { redis } of servers) {
      const cached = async () =>
        Number(/number_of_cached_scripts:(\d+)/.exec(await redis.info("memory"))?.[1] ?? 0);
      const before = await cached();
      await redis.script("FLUSH");
      count += Math.max(0, before - (await cached()));
    }
    return count === 0 ? null : `${count} scripts are gone from INFO`;
  },
  "pause redis": async ({ servers, random }) => {
    const ms = Math.round(random.between(300, 2_000));
    const waits = await Promise.all(
      servers.map(async ({ redis }) => {
        await redis.call("CLIENT", "PAUSE", ms, "ALL");
        const startedAt = performance.now();
        // PING has no key, so every server of a Cluster answers it. During the pause it waits like any command.
        await redis.ping();
        return performance.now() - startedAt;
      }),
    );
    const least = Math.round(Math.min(...waits));
    return least < ms / 2 ? null : `a PING was answered after ${least} ms`;
  },
};

const ofClients: Record<string, Fault> = {
  "drop clients": async ({ readers, random }) => {
    // Draws a random number for each reader, live or not, so that the numbers of later faults depend on the seed only.
    const chosen = new Set(readers.filter(() => random.next() < 0.5));
    const live = readers.filter(({ isLive }) => isLive);
    // Drops at least one reader, and about half of the others.
    const dropped = live.filter((reader, at) => at === 0 || chosen.has(reader));
    for (const reader of dropped) reader.drop();
    return dropped.length === 0 ? null : `${dropped.length} connections of readers were closed`;
  },
};

const ofNodes: Record<string, Fault> = {
  "kill a node": async ({ nodes, random }) => {
    const pid = await nodes!.kill(Math.floor(random.next() * nodes!.count));
    return `the process ${pid} ended with SIGKILL`;
  },
  "freeze a node": async ({ nodes, random }) => {
    const ms = Math.round(random.between(300, 3_000));
    const pid = await nodes!.freeze(Math.floor(random.next() * nodes!.count), ms);
    return `the process ${pid} was stopped for ${ms} ms`;
  },
};

/** The faults that a run can cause in its system. */
export function faultsFor({
  servers,
  nodes,
  withoutEffect = [],
}: Pick<Faulty, "servers" | "nodes" | "withoutEffect">): Map<string, Fault> {
  const all = new Map(
    Object.entries({
      ...(servers.length > 0 && ofRedis),
      ...ofClients,
      ...(nodes && ofNodes),
    }),
  );
  for (const name of withoutEffect) all.delete(name);
  return all;
}
