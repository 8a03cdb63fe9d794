import { setTimeout } from "node:timers/promises";
import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createSession, membersPresent } from "../grandstand/api.js";
import { startGrandstand } from "../grandstand/node.js";
import { inBatches } from "../load/in-batches.js";
import type { PresenceMethods } from "../load/ws-presence.js";
import type { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import { median } from "../statistics.js";

const MANY = 10_000;
const FEW = 100;
/**
 * The number of rooms. A node checks each of its rooms once a minute. With the same number of rooms, these
 * checks cost the same with MANY connections and with FEW.
 */
const ROOMS = 20;
const CLIENT_PROCESSES = 2;
/** Time for the work that remains after users have entered. */
const SETTLE_MS = 3_000;

/** A node with its own Redis, and idle connections that are present in its rooms. */
interface Side {
  connections: number;
  redis: RedisServer;
  node: MeasuredServer;
  bytesPerConnection: number;
}

interface Sample {
  commandsPerSecond: number;
  /** CPU time as a share of one core. */
  redisCpuShare: number;
}

export const presenceIdle: Benchmark = {
  name: "presence-idle",
  ids: ["B6"],
  summary: `Redis commands a second to keep ${MANY} connections present, against ${FEW}`,
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { isQuick, progress } = options;
  const many = await present(options, isQuick ? MANY / 10 : MANY);
  const few = await present(options, FEW);
  await setTimeout(SETTLE_MS);

  const samples: { many: Sample; few: Sample }[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = await Promise.all([readCounters(many), readCounters(few)]);
    await setTimeout(isQuick ? 3_000 : 15_000);
    const after = await Promise.all([readCounters(many), readCounters(few)]);
    const [ofMany, ofFew] = [between(before[0], after[0]), between(before[1], after[1])];
    progress(
      `${ofMany.commandsPerSecond.toFixed(1)} and ${ofFew.commandsPerSecond.toFixed(1)} commands a second`,
    );
    samples.push({ many: ofMany, few: ofFew });
  }
  for (const side of [many, few]) {
    await expectAll(side);
    await side.node.stop();
    await side.redis.stop();
  }

  const cpu = (of: "many" | "few") =>
    `${(median(samples.map((sample) => sample[of].redisCpuShare)) * 100).toFixed(1)} %`;
  return [
    {
      id: "B6",
      what: `Redis commands to keep ${many.connections.toLocaleString("en")} connections present`,
      unit: "/s",
      ours: samples.map((sample) => sample.many.commandsPerSecond),
      baseline: {
        name: `${FEW} connections`,
        values: samples.map((sample) => sample.few.commandsPerSecond),
      },
      budget: { bound: "at most", value: 1.1 },
      notes: {
        load: `one node and one Redis each, ${ROOMS} rooms, each connection a user of its own`,
        "CPU of Redis, of a core": `${cpu("many")} and ${cpu("few")}`,
        "memory in Redis": `${Math.round(many.bytesPerConnection)} bytes per member of a room`,
      },
    },
  ];
}

async function present(options: RunOptions, connections: number): Promise<Side> {
  const { children, progress } = options;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const names = Array.from({ length: connections }, (_, at) => `Guest ${at}`);
  const tokens = await inBatches(names, (name) => createSession(node.url, name));
  const guests = tokens.map((token, at) => ({ token, room: roomOf(at) }));
  const before = await redis.usedBytes();
  const share = Math.ceil(connections / CLIENT_PROCESSES);
  await Promise.all(
    Array.from({ length: CLIENT_PROCESSES }, (_, at) =>
      Worker.start<PresenceMethods>(children, "load/ws-presence").call("enter", {
        url: node.url,
        guests: guests.slice(at * share, (at + 1) * share),
      }),
    ),
  );
  const side = { connections, redis, node, bytesPerConnection: 0 };
  await expectAll(side);
  side.bytesPerConnection = ((await redis.usedBytes()) - before) / connections;
  progress(`${connections} connections are present`);
  return side;
}

function roomOf(guest: number): string {
  return `room-${guest % ROOMS}`;
}

/** Waits until every user of a side is present. At the end of the run, this checks that nobody has left. */
async function expectAll({ node, connections }: Side): Promise<void> {
  const rooms = Array.from({ length: ROOMS }, (_, at) => roomOf(at));
  await until(`all ${connections} are present`, async () => {
    const counts = await Promise.all(rooms.map((room) => membersPresent(node.url, room)));
    return counts.reduce((sum, count) => sum + count, 0) === connections;
  });
}

async function readCounters({ redis }: Side): Promise<{ at: number; commands: number; cpuMs: number }> {
  const cpuMs = await redis.cpuMs();
  const stats = await redis.commands();
  // The measurement itself sends the INFO commands, so they do not count.
  stats.delete("info");
  const commands = [...stats.values()].reduce((sum, { calls }) => sum + calls, 0);
  return { at: performance.now(), commands, cpuMs };
}

type Counters = Awaited<ReturnType<typeof readCounters>>;

function between(before: Counters, after: Counters): Sample {
  const ms = after.at - before.at;
  return {
    commandsPerSecond: ((after.commands - before.commands) / ms) * 1_000,
    redisCpuShare: (after.cpuMs - before.cpuMs) / ms,
  };
}
