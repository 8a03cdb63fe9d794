import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createBoard, scoresUrl } from "../grandstand/api.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { ChatCrowd } from "../load/chat-crowd.js";
import type { RestLoadMethods } from "../load/rest.js";
import type { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";

const BOARD = "workers";
const SUBSCRIBERS = 400;
/** More than the workers can deliver. A round ends when every message has arrived, so it measures the workers' throughput. */
const MESSAGES_PER_SECOND = 1_500;
const BASELINE = "1 worker";

interface Setup {
  server: MeasuredServer;
  crowd: ChatCrowd;
}

export const workers: Benchmark = {
  name: "workers",
  ids: ["W1", "W2"],
  summary: "submits and deliveries a second with 2 workers behind one port, against 1",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const rest = Worker.start<RestLoadMethods>(children, "load/rest");
  const two = await setUp(options, 2);
  const one = await setUp(options, 1);

  let seed = 0;
  const requests = isQuick ? 1_000 : 5_000;
  const submits = async ({ server }: Setup): Promise<number> => {
    const load = { connections: 32, requests, scoresPerRequest: null, members: 10_000 };
    const target = { url: scoresUrl(server.url, BOARD), token: API_KEY, seed: ++seed };
    const { seconds } = await rest.call("run", { ...target, ...load });
    progress(`${Math.round(requests / seconds)} submits/s`);
    return requests / seconds;
  };
  const submitRounds = await inTurns(
    options,
    { rounds: isQuick ? 2 : 9, warmUps: 2 },
    () => submits(two),
    () => submits(one),
  );

  for (const { crowd } of [two, one]) await crowd.connect(SUBSCRIBERS);
  const deliveries = async ({ crowd }: Setup): Promise<number> => {
    const startedAt = performance.now();
    const sent = await crowd.send(MESSAGES_PER_SECOND, 2);
    const perSecond = (sent * SUBSCRIBERS * 1_000) / (performance.now() - startedAt);
    progress(`${Math.round(perSecond)} deliveries/s`);
    return perSecond;
  };
  const deliveryRounds = await inTurns(
    options,
    { rounds: isQuick ? 1 : 5, warmUps: 1 },
    () => deliveries(two),
    () => deliveries(one),
  );

  const budget = { bound: "at least", value: 1 } as const;
  const notes = { load: "the load generator, Redis and the workers share the cores of this machine" };
  return [
    {
      id: "W1",
      what: "single REST submits, 2 workers",
      unit: "/s",
      ours: submitRounds.ours,
      baseline: { name: BASELINE, values: submitRounds.theirs },
      budget,
      notes,
    },
    {
      id: "W2",
      what: "chat messages delivered, 2 workers",
      unit: "/s",
      ours: deliveryRounds.ours,
      baseline: { name: BASELINE, values: deliveryRounds.theirs },
      budget,
      notes,
    },
  ];
}

async function setUp(options: RunOptions, count: number): Promise<Setup> {
  const redis = await RedisServer.start(options);
  const server = await startGrandstand(options, redis.url, [], { GRANDSTAND_WORKERS: String(count) });
  await createBoard(server.url, BOARD);
  return { server, crowd: new ChatCrowd(options.children, [server.url]) };
}
