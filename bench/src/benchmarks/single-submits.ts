import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createBoard, scoresUrl, submit, submitMany } from "../grandstand/api.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { captureRun, markedScores, onBoard } from "../grandstand/script-run.js";
import type { RestLoadMethods } from "../load/rest.js";
import { firstScores } from "../load/scores.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { REDIS_CPU, SERVER_CPU } from "../targets.js";

const CONNECTIONS = 32;
/**
 * So many members that the board does not fit into the caches of the processor, as on a board in production.
 */
const MEMBERS = 100_000;
const PER_BATCH = 1_000;

const OURS = "ours";
const THEIRS = "theirs";

const baselineProgram = new URL("../baselines/fastify-submit.js", import.meta.url);

interface Sample {
  perSecond: number;
  cpuMicros: number;
  redisCpuMicros: number;
  p50Ms: number;
  p99Ms: number;
}

export const singleSubmits: Benchmark = {
  name: "single-submits",
  ids: ["B2"],
  summary: "single REST submits a second, against a bare Fastify route running the same EVALSHA",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  // Many short rounds: a short load from other programs on the machine then affects only a few of them.
  const rounds = isQuick ? 5 : 25;
  const requests = 5_000;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  for (const board of [OURS, THEIRS]) {
    await createBoard(node.url, board);
    const scores = firstScores(MEMBERS);
    for (let at = 0; at < MEMBERS; at += PER_BATCH)
      await submitMany(node.url, board, scores.slice(at, at + PER_BATCH));
  }
  const [marked] = markedScores(1);
  const captured = await captureRun(redis.redis, () => submit(node.url, OURS, marked!));
  const baseline = await MeasuredServer.start(options, baselineProgram, {
    REDIS_URL: redis.url,
    SCRIPT_RUN: JSON.stringify(onBoard(captured, OURS, THEIRS)),
  });
  const rest = Worker.start<RestLoadMethods>(children, "load/rest");

  const sampled = async (
    name: string,
    server: MeasuredServer,
    target: { url: string; token: string | null; seed: number },
  ): Promise<Sample> => {
    const [cpuBefore, redisBefore] = [await server.cpuMs(), await redis.cpuMs()];
    const { seconds, p50Ms, p99Ms } = await rest.call("run", {
      ...target,
      connections: CONNECTIONS,
      requests,
      scoresPerRequest: null,
      members: MEMBERS,
    });
    const perRequest = (beforeMs: number, afterMs: number) => ((afterMs - beforeMs) * 1_000) / requests;
    const cpuMicros = perRequest(cpuBefore, await server.cpuMs());
    const redisCpuMicros = perRequest(redisBefore, await redis.cpuMs());
    const perSecond = requests / seconds;
    progress(`${name}: ${Math.round(perSecond)} submits/s`);
    return { perSecond, cpuMicros, redisCpuMicros, p50Ms, p99Ms };
  };

  let seed = 0;
  const samples = await inTurns(
    options,
    { rounds, warmUps: 2 },
    () => sampled("Grandstand", node, { url: scoresUrl(node.url, OURS), token: API_KEY, seed: ++seed }),
    () => sampled("Fastify route", baseline, { url: `${baseline.url}/scores`, token: null, seed }),
  );
  await node.stop();
  await redis.stop();

  const middle = (of: Sample[], field: keyof Sample) => median(of.map((sample) => sample[field])).toFixed(1);
  const both = (field: keyof Sample) => `${middle(samples.ours, field)} and ${middle(samples.theirs, field)}`;
  return [
    {
      id: "B2",
      what: "single REST submits",
      unit: "/s",
      ours: samples.ours.map(({ perSecond }) => perSecond),
      baseline: { name: "bare Fastify route", values: samples.theirs.map(({ perSecond }) => perSecond) },
      budget: { bound: "at least", value: 0.85 },
      figures: {
        [SERVER_CPU]: samples.ours.map(({ cpuMicros }) => cpuMicros),
        [REDIS_CPU]: samples.ours.map(({ redisCpuMicros }) => redisCpuMicros),
      },
      notes: {
        load: `${CONNECTIONS} connections, ${MEMBERS} members`,
        "CPU of Grandstand, and of the baseline": `${both("cpuMicros")} µs a submit`,
        "CPU of Redis for Grandstand, and for the baseline": `${both("redisCpuMicros")} µs a submit`,
        "latency p50": `${both("p50Ms")} ms`,
        "latency p99": `${both("p99Ms")} ms`,
      },
    },
  ];
}
