import type { OutputOf } from "@grandstand/shared/contract";
import type { Json } from "@grandstand/shared/json";

/** The number of values with which a script tells a job (queue.lua). */
export const VALUES_PER_JOB = 5;

export type TakenJob = OutputOf<"job.take">["jobs"][number];

/** Reads what a script tells of a job. */
export function jobOf([job, payload, user, attempt, attempts]: string[]): TakenJob {
  return {
    job: job!,
    payload: JSON.parse(payload!) as Json,
    user: user === "" ? null : decodeURIComponent(user!),
    attempt: Number(attempt),
    attempts: Number(attempts),
  };
}

/** Splits a flat reply into its jobs. */
export function inParts(values: readonly string[], size: number): string[][] {
  return Array.from({ length: values.length / size }, (_, at) => values.slice(at * size, (at + 1) * size));
}
