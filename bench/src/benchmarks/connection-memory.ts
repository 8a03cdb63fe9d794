import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createBoard, createSession, submitMany } from "../grandstand/api.js";
import { startGrandstand } from "../grandstand/node.js";
import { inBatches } from "../load/in-batches.js";
import { firstScores } from "../load/scores.js";
import type { SubscriberMethods } from "../load/subscribers.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";

const BOARD = "watched";
/**
 * Connections before the first measurement. They fill the tens of megabytes that a process allocated for its
 * start and no longer uses. Otherwise that memory would hide what later connections need.
 */
const WARM_UP = 2_000;
/**
 * V8 reserves tens of megabytes for future garbage, in half-empty pages and in a young generation that grows
 * with the load. This memory belongs to no connection. These flags keep it small.
 */
const TIGHT_HEAP = ["--max-semi-space-size=1", "--compact-on-every-full-gc"];
const CLIENT_PROCESSES = 3;

const transports = [
  {
    id: "B5",
    name: "Socket.IO",
    subscribers: "load/socketio-subscribers",
    baseline: "../baselines/socketio-room.js",
  },
  { id: "B5W", name: "ws", subscribers: "load/ws-subscribers", baseline: "../baselines/ws-room.js" },
];

/** Bytes per subscribed connection. */
interface Sample {
  rss: number;
  heap: number;
  external: number;
}

export const connectionMemory: Benchmark = {
  name: "connection-memory",
  ids: transports.map(({ id }) => id),
  summary: "resident memory per subscribed connection, against plain Socket.IO and plain ws in one room",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const transport of transports) findings.push(await compare(options, transport));
  return findings;
}

async function compare(options: RunOptions, transport: (typeof transports)[number]): Promise<Finding> {
  const { isQuick, progress } = options;
  const connections = isQuick ? 2_000 : 6_000;
  const measured = async (name: string, server: MeasuredServer, tokens: string[]): Promise<Sample> => {
    const sample = await growth(options, server, transport.subscribers, tokens);
    await server.stop();
    progress(`${name}: ${kib(sample.rss)} a connection`);
    return sample;
  };

  const ours = async () => {
    const redis = await RedisServer.start(options);
    const tokens = await guests(options, redis.url, WARM_UP + connections);
    const node = await startGrandstand(options, redis.url, TIGHT_HEAP);
    const sample = await measured(`Grandstand, ${transport.name}`, node, tokens);
    await redis.stop();
    return sample;
  };
  const theirs = async () => {
    const baseline = await MeasuredServer.start(
      options,
      new URL(transport.baseline, import.meta.url),
      {},
      TIGHT_HEAP,
    );
    // The plain server ignores tokens. These tokens are as long as Grandstand's.
    const tokens = Array.from({ length: WARM_UP + connections }, () => "t".repeat(47));
    return measured(`plain ${transport.name}`, baseline, tokens);
  };
  const samples = await inTurns(options, { rounds: isQuick ? 1 : 3, warmUps: 0 }, ours, theirs);

  const both = (field: keyof Sample) =>
    `${kib(median(samples.ours.map((sample) => sample[field])))} and ${kib(median(samples.theirs.map((sample) => sample[field])))}`;
  return {
    id: transport.id,
    what: `memory a subscribed ${transport.name} connection`,
    unit: "KiB",
    ours: samples.ours.map(({ rss }) => rss / 1_024),
    baseline: { name: `plain ${transport.name}`, values: samples.theirs.map(({ rss }) => rss / 1_024) },
    budget: { bound: "at most", value: 1.25 },
    notes: {
      load: `${connections} connections, after ${WARM_UP} that don't count; each a guest of its own`,
      "of it on the JavaScript heap, and the baseline's": both("heap"),
      "of it outside, known to V8, and the baseline's": both("external"),
    },
  };
}

/**
 * Creates the board and the guests through a separate node. On the measured node, memory that this work
 * allocated and freed would hide what connections need.
 */
async function guests(options: RunOptions, redisUrl: string, count: number): Promise<string[]> {
  const node = await startGrandstand(options, redisUrl);
  await createBoard(node.url, BOARD);
  await submitMany(node.url, BOARD, firstScores(100));
  // Each connection belongs to a different user, as in production.
  const names = Array.from({ length: count }, (_, at) => `Guest ${at}`);
  const tokens = await inBatches(names, (name) => createSession(node.url, name));
  await node.stop();
  return tokens;
}

/** Measures the memory growth of a server per subscribed connection. */
async function growth(
  { children }: RunOptions,
  server: MeasuredServer,
  subscribers: string,
  tokens: string[],
): Promise<Sample> {
  const clients = Array.from({ length: CLIENT_PROCESSES }, () =>
    Worker.start<SubscriberMethods>(children, subscribers),
  );
  const connect = async (own: string[]) => {
    const share = Math.ceil(own.length / clients.length);
    const load = { url: server.url, channel: `leaderboard:${BOARD}` };
    await Promise.all(
      clients.map((client, at) =>
        client.call("connect", { ...load, tokens: own.slice(at * share, (at + 1) * share) }),
      ),
    );
  };
  // The first connection opens the channel; the others join it.
  await connect(tokens.slice(0, 1));
  await connect(tokens.slice(1, WARM_UP));
  const before = await server.memory();
  await connect(tokens.slice(WARM_UP));
  const after = await server.memory();
  for (const client of clients) await children.stop(client.child);

  const count = tokens.length - WARM_UP;
  return {
    rss: (after.rssBytes - before.rssBytes) / count,
    heap: (after.heapBytes - before.heapBytes) / count,
    external: (after.externalBytes - before.externalBytes) / count,
  };
}

function kib(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}
