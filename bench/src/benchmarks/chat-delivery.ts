import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Budget, Finding } from "../finding.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import type { WsChatSender } from "../load/ws-chat-sender.js";
import type { WsChatSubscribers } from "../load/ws-chat-subscribers.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { P50, REDIS_CPU, SERVER_CPU } from "../targets.js";

const NODES = 2;
const SUBSCRIBERS = 1_000;
const MESSAGES_PER_SECOND = 200;
const LONE_PER_SECOND = 10;
const ROOM = "crowd";
const BASELINE = "ws with Redis pub/sub";

/** Two nodes of one program with a Redis, subscribers and a sender. */
interface Side {
  name: string;
  nodes: MeasuredServer[];
  redis: RedisServer;
  sender: Worker<WsChatSender>;
  subscribers: Worker<WsChatSubscribers>;
}

interface Sample {
  /** CPU time of all nodes per message that a subscriber received. */
  usPerDelivery: number;
  messagesPerPush: number;
  redisUsPerMessage: number;
  p50Ms: number;
  p99Ms: number;
}

export const chatDelivery: Benchmark = {
  name: "chat-delivery",
  ids: ["F1", "F2", "F3", "F4", "F5"],
  summary: `CPU and latency of chat messages over plain WebSockets, ${NODES} nodes, against ${BASELINE}`,
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { isQuick } = options;
  const grandstand = (settings: Record<string, string>) => (redisUrl: string) =>
    startGrandstand(options, redisUrl, [], settings);
  const batched = await startSide(options, "Grandstand", grandstand({}));
  const unbatched = await startSide(
    options,
    "Grandstand without batches",
    grandstand({ GRANDSTAND_BATCH_MS: "0" }),
  );
  const program = new URL("../baselines/ws-redis.js", import.meta.url);
  const baseline = await startSide(options, BASELINE, (redisUrl) =>
    MeasuredServer.start(options, program, { REDIS_URL: redisUrl }),
  );

  const load = `${SUBSCRIBERS} subscribers on ${NODES} nodes`;
  const turns = { rounds: isQuick ? 1 : 4, warmUps: 1 };
  const seconds = isQuick ? 1 : 2;
  const crowd = async (side: Side) => measure(options, side, MESSAGES_PER_SECOND, seconds);
  const lone = async (side: Side) => measure(options, side, LONE_PER_SECOND, 2 * seconds);
  // Grandstand and the baseline are measured in turns, so that other load on the machine affects both alike.
  const busy = await inTurns(
    options,
    turns,
    () => crowd(batched),
    () => crowd(baseline),
  );
  const direct = await inTurns(
    options,
    turns,
    () => crowd(unbatched),
    () => crowd(baseline),
  );
  const calm = await inTurns(
    options,
    turns,
    () => lone(batched),
    () => lone(baseline),
  );

  const atRate = (perSecond: number) => `${perSecond} messages a second to ${load}`;
  const compare = (
    id: string,
    what: string,
    unit: string,
    field: "usPerDelivery" | "redisUsPerMessage",
    samples: typeof busy,
    budget: Budget,
    perSecond: number,
  ): Finding => ({
    id,
    what,
    unit,
    ours: samples.ours.map((sample) => sample[field]),
    baseline: { name: BASELINE, values: samples.theirs.map((sample) => sample[field]) },
    budget,
    figures: {
      [field === "usPerDelivery" ? SERVER_CPU : REDIS_CPU]: samples.ours.map((sample) => sample[field]),
    },
    notes: { load: atRate(perSecond), ...notesOf(samples) },
  });
  const atMost = (value: number): Budget => ({ bound: "at most", value });
  const delivery = "server CPU per delivered message";
  return [
    compare("F1", delivery, "us", "usPerDelivery", busy, atMost(0.25), MESSAGES_PER_SECOND),
    {
      id: "F2",
      what: "p50 latency of a message to a crowd",
      unit: "ms",
      ours: busy.ours.map(({ p50Ms }) => p50Ms),
      baseline: null,
      budget: atMost(15),
      figures: { [P50]: busy.ours.map(({ p50Ms }) => p50Ms) },
      notes: { load: atRate(MESSAGES_PER_SECOND), path: "from the call to the push, for all subscribers" },
    },
    compare("F3", `${delivery}, no batches`, "us", "usPerDelivery", direct, atMost(0.7), MESSAGES_PER_SECOND),
    compare("F4", `${delivery}, lone messages`, "us", "usPerDelivery", calm, atMost(0.9), LONE_PER_SECOND),
    compare(
      "F5",
      "Redis's CPU for a message",
      "us",
      "redisUsPerMessage",
      busy,
      atMost(1.5),
      MESSAGES_PER_SECOND,
    ),
  ];
}

function notesOf({ ours, theirs }: { ours: Sample[]; theirs: Sample[] }): Record<string, string> {
  const both = (field: keyof Sample) =>
    [ours, theirs].map((samples) => median(samples.map((sample) => sample[field])).toFixed(1)).join(" and ");
  return {
    "messages in a push": both("messagesPerPush"),
    "p50 latency, and the baseline's": `${both("p50Ms")} ms`,
    "p99 latency, and the baseline's": `${both("p99Ms")} ms`,
    "Redis's CPU for a message, and the baseline's": `${both("redisUsPerMessage")} us`,
    storage: "Grandstand stores every message, the baseline none",
  };
}

async function startSide(
  options: RunOptions,
  name: string,
  startNode: (redisUrl: string) => Promise<MeasuredServer>,
): Promise<Side> {
  const redis = await RedisServer.start(options);
  const nodes: MeasuredServer[] = [];
  for (let at = 0; at < NODES; at += 1) nodes.push(await startNode(redis.url));
  const sender = Worker.start<WsChatSender>(options.children, "load/ws-chat-sender");
  const subscribers = Worker.start<WsChatSubscribers>(options.children, "load/ws-chat-subscribers");
  const urls = nodes.map(({ url }) => url);
  await subscribers.call("connect", { urls, token: API_KEY, room: ROOM, count: SUBSCRIBERS / NODES });
  options.progress(`${name}: ${SUBSCRIBERS} subscribers are there`);
  return { name, nodes, redis, sender, subscribers };
}

/** Sends at a steady rate, waits until everything has arrived, and measures the cost. */
async function measure(
  { progress }: RunOptions,
  { name, nodes, redis, sender, subscribers }: Side,
  perSecond: number,
  seconds: number,
): Promise<Sample> {
  const readCounters = async () => {
    const cpuMs = await Promise.all(nodes.map((node) => node.cpuMs()));
    const received = await subscribers.call("received", undefined);
    return { cpuMs: cpuMs.reduce((sum, one) => sum + one), redisCpuMs: await redis.cpuMs(), ...received };
  };
  const urls = nodes.map(({ url }) => url);
  const before = await readCounters();
  const sent = await sender.call("sendPaced", { urls, token: API_KEY, room: ROOM, perSecond, seconds });
  await until("every message has arrived", async () => {
    const { messages } = await subscribers.call("received", undefined);
    return messages - before.messages === sent * SUBSCRIBERS;
  });
  const after = await readCounters();
  const deliveries = sent * SUBSCRIBERS;
  const sample: Sample = {
    usPerDelivery: ((after.cpuMs - before.cpuMs) * 1_000) / deliveries,
    messagesPerPush: deliveries / (after.pushes - before.pushes),
    redisUsPerMessage: ((after.redisCpuMs - before.redisCpuMs) * 1_000) / sent,
    ...(await subscribers.call("takeLatencies", undefined)),
  };
  const { usPerDelivery, p50Ms, redisUsPerMessage } = sample;
  progress(
    `${name} at ${perSecond}/s: ${usPerDelivery.toFixed(2)} us a delivery, p50 ${p50Ms.toFixed(1)} ms, Redis ${redisUsPerMessage.toFixed(0)} us`,
  );
  return sample;
}
