import { setTimeout } from "node:timers/promises";
import { submitMany } from "../grandstand/api.js";
import { serve } from "../processes/service.js";
import { batchOf, scoresFrom } from "./scores.js";

export interface PacedLoad {
  url: string;
  board: string;
  scoresPerSecond: number;
  scoresPerBatch: number;
  members: number;
}

let isRunning = false;
let submitted = 0;
let ended: Promise<void> | null = null;

const methods = {
  start(load: PacedLoad): void {
    isRunning = true;
    ended = keepPace(load);
  },

  /** How many scores have been accepted so far. */
  submitted: (): number => submitted,

  /** Resolves when every submit has been answered. */
  async stop(): Promise<number> {
    isRunning = false;
    await ended;
    return submitted;
  },
};

export type PacedSubmits = typeof methods;

serve(methods);

/** Submits at a steady rate, however long an answer takes: what falls behind is sent at once. */
async function keepPace({ url, board, scoresPerSecond, scoresPerBatch, members }: PacedLoad): Promise<void> {
  const next = scoresFrom(1, members);
  const everyMs = (scoresPerBatch * 1_000) / scoresPerSecond;
  const underway = new Set<Promise<void>>();
  let failure: unknown;
  for (let dueAt = performance.now(); isRunning; dueAt += everyMs) {
    await setTimeout(Math.max(0, dueAt - performance.now()));
    if (failure) throw failure;
    const batch: Promise<void> = submitMany(url, board, batchOf(next, scoresPerBatch))
      .then(
        () => {
          submitted += scoresPerBatch;
        },
        (error: unknown) => {
          failure = error;
        },
      )
      .finally(() => underway.delete(batch));
    underway.add(batch);
  }
  await Promise.all(underway);
  if (failure) throw failure;
}
