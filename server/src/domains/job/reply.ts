import type { OutputOf } from "@grandstand/shared/contract";
import type { Json } from "@grandstand/shared/json";

/** How many values a script's reply has for each job (`append_job` in queue.lua). */
export const VALUES_PER_JOB = 5;

export type TakenJob = OutputOf<"job.take">["jobs"][number];

/** Reads the values of one job in a script's reply. */
export function jobOf([job, payload, user, attempt, attempts]: string[]): TakenJob {
  return {
    job: job!,
    payload: JSON.parse(payload!) as Json,
    user: user === "" ? null : decodeURIComponent(user!),
    attempt: Number(attempt),
    attempts: Number(attempts),
  };
}

/** Splits the values of many jobs into parts of `size` values, one part for each job. */
export function inParts(values: readonly string[], size: number): string[][] {
  return Array.from({ length: values.length / size }, (_, at) => values.slice(at * size, (at + 1) * size));
}
