import type { BarePipeline } from "../baselines/bare-pipeline.js";
import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { batchUrl, createBoard, submitMany } from "../grandstand/api.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { captureRun, markedScores, onBoard } from "../grandstand/script-run.js";
import type { RestLoadMethods } from "../load/rest.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";

const SCORES_PER_BATCH = 1_000;
const IN_FLIGHT = 4;
const MEMBERS = 10_000;

const OURS = "ours";
const THEIRS = "theirs";

interface Sample {
  scoresPerSecond: number;
  /** CPU time of the Grandstand node, or of the process with the bare pipeline. */
  cpuMicrosPerScore: number;
  redisMicrosPerScore: number;
}

export const batchSubmits: Benchmark = {
  name: "batch-submits",
  ids: ["B1"],
  summary: "submits a second through scores/batch, against the same script run by a bare ioredis pipeline",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const rounds = isQuick ? 5 : 21;
  const batches = 80;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  for (const board of [OURS, THEIRS]) await createBoard(node.url, board);
  const marked = markedScores(SCORES_PER_BATCH);
  const captured = await captureRun(redis.redis, () => submitMany(node.url, OURS, marked));
  const rest = Worker.start<RestLoadMethods>(children, "load/rest");
  const bare = Worker.start<BarePipeline>(children, "baselines/bare-pipeline");
  const scores = batches * SCORES_PER_BATCH;

  const sampled = async (
    name: string,
    work: () => Promise<{ seconds: number; cpuMs: number }>,
  ): Promise<Sample> => {
    const redisBefore = await redis.cpuMs();
    const { seconds, cpuMs } = await work();
    const redisMs = (await redis.cpuMs()) - redisBefore;
    const sample = {
      scoresPerSecond: scores / seconds,
      cpuMicrosPerScore: (cpuMs * 1_000) / scores,
      redisMicrosPerScore: (redisMs * 1_000) / scores,
    };
    progress(`${name}: ${Math.round(sample.scoresPerSecond)} scores/s`);
    return sample;
  };

  let seed = 0;
  const ours = () =>
    sampled("Grandstand", async () => {
      const cpuBefore = await node.cpuMs();
      const { seconds } = await rest.call("run", {
        url: batchUrl(node.url, OURS),
        token: API_KEY,
        connections: IN_FLIGHT,
        requests: batches,
        scoresPerRequest: SCORES_PER_BATCH,
        members: MEMBERS,
        seed: ++seed,
      });
      return { seconds, cpuMs: (await node.cpuMs()) - cpuBefore };
    });
  // The same seed as in Grandstand's turn, so that both sides submit the same scores.
  const theirs = () =>
    sampled("ioredis pipeline", () =>
      bare.call("run", {
        redisUrl: redis.url,
        run: onBoard(captured, OURS, THEIRS),
        batches,
        scoresPerBatch: SCORES_PER_BATCH,
        inFlight: IN_FLIGHT,
        members: MEMBERS,
        seed,
      }),
    );
  const samples = await inTurns(options, { rounds, warmUps: 2 }, ours, theirs);
  await node.stop();
  await redis.stop();

  const middle = (of: Sample[], field: keyof Sample) => median(of.map((sample) => sample[field])).toFixed(1);
  return [
    {
      id: "B1",
      what: "submits through scores/batch",
      unit: "/s",
      ours: samples.ours.map((sample) => sample.scoresPerSecond),
      baseline: {
        name: "bare ioredis pipeline",
        values: samples.theirs.map((sample) => sample.scoresPerSecond),
      },
      budget: { bound: "at least", value: 0.8 },
      notes: {
        load: `${IN_FLIGHT} batches of ${SCORES_PER_BATCH} in flight, ${captured.scoresPerRun} scores a script run, ${MEMBERS} members`,
        "CPU of Grandstand, and of the baseline": `${middle(samples.ours, "cpuMicrosPerScore")} and ${middle(samples.theirs, "cpuMicrosPerScore")} µs a score`,
        "CPU of Redis": `${middle(samples.ours, "redisMicrosPerScore")} and ${middle(samples.theirs, "redisMicrosPerScore")} µs a score`,
      },
    },
  ];
}
