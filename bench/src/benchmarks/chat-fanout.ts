import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { startGrandstand } from "../grandstand/node.js";
import { ChatCrowd } from "../load/chat-crowd.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { REDIS_CPU, SERVER_CPU } from "../targets.js";

const NODES = 2;
const SUBSCRIBERS = 1_000;
const MESSAGES_PER_SECOND = 200;
const BASELINE = "Socket.IO with its Redis adapter";

/** Two nodes of Grandstand or of the program it is compared with, their Redis, and a crowd of chat clients. */
interface Cluster {
  name: string;
  nodes: MeasuredServer[];
  redis: RedisServer;
  crowd: ChatCrowd;
}

interface Sample {
  /** The CPU time of all nodes, divided by the number of deliveries. One message to 1,000 subscribers is 1,000 deliveries. */
  usPerDelivery: number;
  messagesPerPush: number;
  redisUsPerMessage: number;
  redisCallsPerMessage: number;
}

export const chatFanout: Benchmark = {
  name: "chat-fanout",
  ids: ["B3", "B4"],
  summary: `CPU per delivered chat message and latency of a lone one, ${NODES} nodes, against ${BASELINE}`,
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { isQuick, progress } = options;
  const ours = await startCluster(options, "Grandstand", (redisUrl) => startGrandstand(options, redisUrl));
  const baseline = new URL("../baselines/socketio-redis.js", import.meta.url);
  const theirs = await startCluster(options, BASELINE, (redisUrl) =>
    MeasuredServer.start(options, baseline, { REDIS_URL: redisUrl }),
  );

  const rounds = isQuick ? 2 : 7;
  const latencies = await inTurns(
    options,
    { rounds, warmUps: 1 },
    () => loneLatency(ours, isQuick ? 50 : 200),
    () => loneLatency(theirs, isQuick ? 50 : 200),
  );
  progress(
    `${median(latencies.ours).toFixed(2)} and ${median(latencies.theirs).toFixed(2)} ms for a lone message`,
  );

  for (const { crowd } of [ours, theirs]) await crowd.connect(SUBSCRIBERS);
  progress(`${SUBSCRIBERS} subscribers are there, on each side`);
  const seconds = isQuick ? 2 : 5;
  const samples = await inTurns(
    options,
    { rounds: isQuick ? 1 : 5, warmUps: 1 },
    () => fanOut(options, ours, seconds),
    () => fanOut(options, theirs, seconds),
  );
  return [fanOutFinding(samples), latencyFinding(latencies)];
}

function fanOutFinding({ ours, theirs }: { ours: Sample[]; theirs: Sample[] }): Finding {
  const middle = (samples: Sample[], field: keyof Sample) => median(samples.map((sample) => sample[field]));
  return {
    id: "B3",
    what: "server CPU per delivered chat message",
    unit: "us",
    ours: ours.map(({ usPerDelivery }) => usPerDelivery),
    baseline: { name: BASELINE, values: theirs.map(({ usPerDelivery }) => usPerDelivery) },
    budget: { bound: "at most", value: 0.2 },
    figures: {
      [SERVER_CPU]: ours.map(({ usPerDelivery }) => usPerDelivery),
      [REDIS_CPU]: ours.map(({ redisUsPerMessage }) => redisUsPerMessage),
    },
    notes: {
      load: `${MESSAGES_PER_SECOND} messages a second to ${SUBSCRIBERS} subscribers on ${NODES} nodes`,
      "messages in a push": middle(ours, "messagesPerPush").toFixed(1),
      "Redis's CPU for a message, and the baseline's": `${middle(ours, "redisUsPerMessage").toFixed(0)} and ${middle(theirs, "redisUsPerMessage").toFixed(0)} us`,
      "commands in Redis for a message, those of its script included": middle(
        ours,
        "redisCallsPerMessage",
      ).toFixed(1),
      storage: "Grandstand stores every message, the baseline none",
    },
  };
}

function latencyFinding({ ours, theirs }: { ours: number[]; theirs: number[] }): Finding {
  return {
    id: "B4",
    what: "p50 latency of a lone chat message",
    unit: "ms",
    ours,
    baseline: { name: BASELINE, values: theirs },
    budget: { bound: "at most", value: 1 },
    notes: { path: "from the call at one node to the push from the other" },
  };
}

async function startCluster(
  options: RunOptions,
  name: string,
  startNode: (redisUrl: string) => Promise<MeasuredServer>,
): Promise<Cluster> {
  const redis = await RedisServer.start(options);
  const nodes: MeasuredServer[] = [];
  for (let at = 0; at < NODES; at += 1) nodes.push(await startNode(redis.url));
  const urls = nodes.map(({ url }) => url);
  return { name, nodes, redis, crowd: new ChatCrowd(options.children, urls) };
}

async function loneLatency({ crowd }: Cluster, count: number): Promise<number> {
  return median(await crowd.measureLone(count));
}

/** Sends for some seconds, waits until everything has arrived, and measures the cost. */
async function fanOut({ progress }: RunOptions, cluster: Cluster, seconds: number): Promise<Sample> {
  const { nodes, redis, crowd } = cluster;
  const readCounters = async () => {
    const [cpuMs, received, redisCpuMs, commands] = await Promise.all([
      Promise.all(nodes.map((node) => node.cpuMs())),
      crowd.received(),
      redis.cpuMs(),
      redis.commands(),
    ]);
    const callCount = [...commands.values()].reduce((sum, { calls }) => sum + calls, 0);
    return { cpuMs: cpuMs.reduce((sum, one) => sum + one), ...received, redisCpuMs, callCount };
  };
  const before = await readCounters();
  const sent = await crowd.send(MESSAGES_PER_SECOND, seconds);
  const after = await readCounters();
  const deliveries = after.messages - before.messages;
  const sample: Sample = {
    usPerDelivery: ((after.cpuMs - before.cpuMs) * 1_000) / deliveries,
    messagesPerPush: deliveries / (after.pushes - before.pushes),
    redisUsPerMessage: ((after.redisCpuMs - before.redisCpuMs) * 1_000) / sent,
    redisCallsPerMessage: (after.callCount - before.callCount) / sent,
  };
  progress(`${cluster.name}: ${sample.usPerDelivery.toFixed(2)} us a delivery`);
  return sample;
}
