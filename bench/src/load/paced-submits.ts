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

  /** The number of scores that the node has accepted so far. */
  submitted: (): number => submitted,

  /** Stops submitting. Resolves when every submit has a reply. */
  async stop(): Promise<number> {
    isRunning = false;
    await ended;
    return submitted;
  },
};

export type PacedSubmits = typeof methods;

serve(methods);

/** Submits at a steady rate without waiting for replies. A late batch is sent at once. */
async function keepPace({ url, board, scoresPerSecond, scoresPerBatch, members }: PacedLoad): Promise<void> {
  const next = scoresFrom(1, members);
  const everyMs = (scoresPerBatch * 1_000) / scoresPerSecond;
  const inFlight = new Set<Promise<void>>();
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
      .finally(() => inFlight.delete(batch));
    inFlight.add(batch);
  }
  await Promise.all(inFlight);
  if (failure) throw failure;
}
