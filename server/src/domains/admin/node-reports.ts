import { limits } from "@grandstand/shared/limits";
import type { ActivityPoint, NodeReport } from "@grandstand/shared/operations/admin";
import { toIsoTime } from "../../core/iso-time.js";
import { namedReply, runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { readReportsScript } from "./scripts.js";

/** The number of minutes that report.lua stores. */
const SLOTS = limits.activityMinutes + 1;
const MINUTE_MS = 60_000;

/**
 * The report that a node sends. report.lua adds the time of the report, and renews the node's lease. The lease ends when
 * the next report is overdue.
 */
export type SentReport = Omit<NodeReport, "reportedAt" | "hasLease">;

export interface Reports {
  nowMs: number;
  nodes: NodeReport[];
  activity: ActivityPoint[];
}

/** Reads the reports of all nodes with one script. */
export async function readReports({
  redis,
  keys,
}: Pick<DomainDependencies, "redis" | "keys">): Promise<Reports> {
  const [status, ...values] = (await runScript(redis, readReportsScript, keys.admin, {})) as string[];
  const reply = namedReply(readReportsScript, status!, values);
  const nowMs = Number(reply.nowMs);
  const leases = byName(reply.leases);
  const nodes = Object.entries(byName(reply.nodes)).map(([id, record]) =>
    nodeOf(record, Number(leases[id] ?? 0) > nowMs),
  );
  return {
    nowMs,
    nodes: nodes.sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1)),
    activity: activityOf(byName(reply.activity), nowMs),
  };
}

function nodeOf(record: string, hasLease: boolean): NodeReport {
  const [, reportedAtMs, report] = /^(\d+) \d+ (.*)$/s.exec(record)!;
  return { ...(JSON.parse(report!) as SentReport), reportedAt: toIsoTime(reportedAtMs!), hasLease };
}

/** One point for each minute. In a minute without reports all values are 0. */
function activityOf(stored: Record<string, string>, nowMs: number): ActivityPoint[] {
  const current = Math.floor(nowMs / MINUTE_MS);
  return Array.from({ length: limits.activityMinutes }, (_, at) => {
    const minute = current - limits.activityMinutes + 1 + at;
    const slot = minute % SLOTS;
    const isKept = stored[`${slot}:at`] === String(minute);
    const number = (field: string) => (isKept ? Number(stored[`${slot}:${field}`] ?? 0) : 0);
    return {
      at: toIsoTime(minute * MINUTE_MS),
      connections: number("connections"),
      calls: number("calls"),
      failures: number("failures"),
      limited: number("limited"),
      deliveries: number("deliveries"),
      eventLoopDelayMs: number("eventLoopDelayMs"),
    };
  });
}

function byName(flat: string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) named[flat[at]!] = flat[at + 1]!;
  return named;
}
