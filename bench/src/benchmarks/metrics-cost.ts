import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { ChatCrowd } from "../load/chat-crowd.js";
import type { CounterAddsMethods } from "../load/counter-adds.js";
import type { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";

/**
 * The adds go to these counters in turn. A node runs adds that reach the same counter within 10 ms as one script. With so
 * many counters this does not happen, so each call runs its own script.
 */
const COUNTERS = 4_000;
const CONNECTIONS = 64;
const SUBSCRIBERS = 200;
const MESSAGES_PER_SECOND = 100;
const BASELINE = "without metrics";

interface Side {
  name: string;
  node: MeasuredServer;
  crowd: ChatCrowd;
}

export const metricsCost: Benchmark = {
  name: "metrics-cost",
  ids: ["M1", "M2"],
  summary: "CPU per call and per delivered message, with metrics and without",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const load = Worker.start<CounterAddsMethods>(children, "load/counter-adds");
  const ours = await startSide(options, "with metrics", { GRANDSTAND_METRICS_PORT: "0" });
  const theirs = await startSide(options, BASELINE, {});

  let seed = 0;
  const usPerCall = async ({ name, node }: Side): Promise<number> => {
    const adds = isQuick ? 2_000 : 10_000;
    seed += 1;
    const before = await node.cpuMs();
    await load.call("run", {
      url: node.url,
      token: API_KEY,
      connections: CONNECTIONS,
      adds,
      counters: COUNTERS,
      restMs: 0,
      isKeyed: false,
      seed,
    });
    const us = (((await node.cpuMs()) - before) * 1_000) / adds;
    progress(`${name}: ${us.toFixed(1)} us a call`);
    return us;
  };
  const rounds = isQuick ? 2 : 9;
  const calls = await inTurns(
    options,
    { rounds, warmUps: 2 },
    () => usPerCall(ours),
    () => usPerCall(theirs),
  );

  for (const { crowd } of [ours, theirs]) await crowd.connect(SUBSCRIBERS);
  const seconds = isQuick ? 1 : 3;
  const deliveries = await inTurns(
    options,
    { rounds: isQuick ? 1 : 7, warmUps: 1 },
    () => usPerDelivery(options, ours, seconds),
    () => usPerDelivery(options, theirs, seconds),
  );
  const finding = { unit: "us", budget: { bound: "at most", value: 1.1 } } as const;
  return [
    {
      ...finding,
      id: "M1",
      what: "server CPU per call over a WebSocket",
      ours: calls.ours,
      baseline: { name: BASELINE, values: calls.theirs },
      notes: { load: `counter.add to ${COUNTERS} counters over ${CONNECTIONS} connections` },
    },
    {
      ...finding,
      id: "M2",
      what: "server CPU per delivered chat message",
      ours: deliveries.ours,
      baseline: { name: BASELINE, values: deliveries.theirs },
      notes: { load: `${MESSAGES_PER_SECOND} messages a second to ${SUBSCRIBERS} subscribers` },
    },
  ];
}

async function startSide(options: RunOptions, name: string, settings: Record<string, string>): Promise<Side> {
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url, [], settings);
  return { name, node, crowd: new ChatCrowd(options.children, [node.url]) };
}

async function usPerDelivery(
  { progress }: RunOptions,
  { name, node, crowd }: Side,
  seconds: number,
): Promise<number> {
  const cpuBefore = await node.cpuMs();
  const sent = await crowd.send(MESSAGES_PER_SECOND, seconds);
  const us = (((await node.cpuMs()) - cpuBefore) * 1_000) / (sent * SUBSCRIBERS);
  progress(`${name}: ${us.toFixed(2)} us a delivery`);
  return us;
}
