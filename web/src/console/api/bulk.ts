import { patiently } from "../../patiently.js";
import { randomKey } from "../../random-key.js";
import { inGroupsOf } from "../ui/group.js";
import { asError } from "./useRead.js";

/** One action on many things, such as a retry of all failed jobs. */
export interface BulkWork {
  /** Reads the ids, a page at a time. An id may come twice. */
  pages: () => AsyncIterable<readonly string[]>;
  /** How many ids one call takes. */
  perCall: number;
  /**
   * Makes one call. If an outage or a rate limit refuses the call, it is repeated with the same idempotency key.
   * @returns how many of the ids it changed; the others had changed before
   */
  change: (ids: readonly string[], idempotencyKey: string) => Promise<number>;
}

export interface BulkReport {
  all: number;
  changed: number;
  /** How many things were no longer in the state that the action is for. */
  unchanged: number;
  /** The number of failed ids for each reason. */
  failures: ReadonlyMap<string, number>;
  isStopped: boolean;
}

const CALLS_AT_ONCE = 8;

/**
 * Carries out the action on each id. A call that fails does not end the others.
 * @param count how many ids the operator confirmed; no more are changed
 * @throws {GrandstandError} when the ids can't be read, or the operator may not do this
 */
export async function runBulk(
  { pages, perCall, change }: BulkWork,
  count: number,
  signal: AbortSignal,
  onProgress: (report: BulkReport) => void,
): Promise<BulkReport> {
  const ids = new Set<string>();
  for await (const page of pages()) {
    for (const id of page) if (ids.size < count) ids.add(id);
    if (ids.size === count || signal.aborted) break;
  }
  const failures = new Map<string, number>();
  let report: BulkReport = { all: ids.size, changed: 0, unchanged: 0, failures, isStopped: false };
  const one = async (group: readonly string[]) => {
    try {
      const idempotencyKey = randomKey();
      const changed = await patiently(() => change(group, idempotencyKey), signal);
      const unchanged = report.unchanged + group.length - changed;
      report = { ...report, changed: report.changed + changed, unchanged };
    } catch (failure) {
      const { code, message } = asError(failure);
      if (code === "forbidden" || code === "unauthenticated") throw failure;
      failures.set(message, (failures.get(message) ?? 0) + group.length);
    }
    onProgress(report);
  };
  for (const calls of inGroupsOf(CALLS_AT_ONCE, inGroupsOf(perCall, [...ids]))) {
    if (signal.aborted) break;
    await Promise.all(calls.map(one));
  }
  return { ...report, isStopped: doneOf(report) < report.all };
}

/** How many of the things are dealt with. */
export function doneOf({ changed, unchanged, failures }: BulkReport): number {
  return changed + unchanged + failedOf(failures);
}

/** The result in words, such as `12 of 14 retried; 2 failed: No such user`. @param done such as `retried` */
export function inWords({ all, changed, unchanged, failures, isStopped }: BulkReport, done: string): string {
  const reasons = [...failures.keys()];
  const more = reasons.length > 2 ? " and other reasons" : "";
  return [
    `${isStopped ? "Stopped: " : ""}${changed} of ${all} ${done}`,
    ...(unchanged > 0 ? [`${unchanged} had changed meanwhile`] : []),
    ...(reasons.length > 0 ? [`${failedOf(failures)} failed: ${reasons.slice(0, 2).join(", ")}${more}`] : []),
  ].join("; ");
}

function failedOf(failures: BulkReport["failures"]): number {
  return [...failures.values()].reduce((sum, count) => sum + count, 0);
}
