import { Redis } from "ioredis";
import { evalshaArguments, type ScriptRun } from "../grandstand/script-run.js";
import { batchOf, type Score, scoresFrom } from "../load/scores.js";
import { serve } from "../processes/service.js";

export interface PipelineLoad {
  redisUrl: string;
  run: ScriptRun;
  batches: number;
  scoresPerBatch: number;
  /** The number of batches in flight at a time. */
  inFlight: number;
  members: number;
  seed: number;
}

export interface PipelineResult {
  seconds: number;
  cpuMs: number;
}

const methods = { run };

export type BarePipeline = typeof methods;

serve(methods);

/** Submits with plain ioredis, one pipeline per batch. */
async function run(load: PipelineLoad): Promise<PipelineResult> {
  const { redisUrl, batches, scoresPerBatch, inFlight, members, seed } = load;
  const redis = new Redis(redisUrl);
  await redis.ping();
  const next = scoresFrom(seed, members);
  // As in the REST load (load/rest.ts), the batches are created in advance and repeated: 10 for each batch in flight.
  const made = Array.from({ length: Math.min(batches, 10 * inFlight) }, () => batchOf(next, scoresPerBatch));

  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < batches) await submit(redis, load.run, made[sent++ % made.length]!);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);

  redis.disconnect();
  return { seconds, cpuMs: (user + system) / 1_000 };
}

async function submit(redis: Redis, run: ScriptRun, scores: Score[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (let at = 0; at < scores.length; at += run.scoresPerRun) {
    pipeline.evalsha(...evalshaArguments(run, scores.slice(at, at + run.scoresPerRun)));
  }
  for (const [error] of (await pipeline.exec())!) if (error) throw error;
}
