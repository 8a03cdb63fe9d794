import { hostname } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Interval, Pace } from "../../redis/pace.js";
import { runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { NodeActivity, NodeCounts } from "./node-activity.js";
import type { SentReport } from "./node-reports.js";
import { reportScript } from "./scripts.js";

/** How often a node reports, and how often an idle node does. */
const INTERVAL: Interval = { ms: 5_000, idleMs: 60_000 };
/** By how much the lease of a report outlasts the time until the next report. */
const LEASE_MARGIN_MS = 15_000;
const NANOSECONDS_PER_MS = 1e6;

/** The parts of a node whose numbers are reported. */
export interface NodeState {
  activity: NodeActivity;
  channels(): number;
  slowConsumers(): number;
}

/**
 * Writes this node's report to Redis with one script: every five seconds, or every minute while the node is idle.
 * If a report can't be written, the next one contains its counts too.
 */
export class NodeReporter {
  readonly #stores: Pick<DomainDependencies, "redis" | "keys" | "log">;
  readonly #about: { nodeId: string; version: string };
  readonly #state: NodeState;
  readonly #startedAt = new Date().toISOString();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #reported: NodeCounts & { at: number } = {
    calls: 0,
    failures: 0,
    limited: 0,
    deliveries: 0,
    at: performance.now(),
  };
  readonly #pace: Pace;
  #stopReports = (): void => {};

  constructor(
    stores: Pick<DomainDependencies, "redis" | "keys" | "log">,
    about: { nodeId: string; version: string },
    state: NodeState,
    pace: Pace,
  ) {
    this.#pace = pace;
    this.#stores = stores;
    this.#about = about;
    this.#state = state;
  }

  async start(): Promise<void> {
    this.#delay.enable();
    await this.#report();
    // When a call wakes an idle node, the node runs `report` first. `report` returns no promise, so the reply to the call
    // does not wait for Redis.
    const report = () => {
      this.#report().catch((error: unknown) =>
        this.#stores.log.debug({ err: error }, "the report of this node could not be written"),
      );
    };
    const stop = this.#pace.every(INTERVAL, report);
    // A node that becomes idle reports once more: its last
    // connections have closed, and its next report is a minute away.
    const remove = this.#pace.add({ rest: report, wake: () => {} });
    this.#stopReports = () => {
      stop();
      remove();
    };
  }

  /** Removes this node from the list of nodes. */
  async stop(): Promise<void> {
    this.#stopReports();
    this.#delay.disable();
    await this.#send("", 0).catch(() => {});
  }

  async #report(): Promise<void> {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#reported.at) / 1_000);
    const since = this.#sinceReport();
    const p99 = this.#delay.percentile(99) / NANOSECONDS_PER_MS;
    const report: SentReport = {
      id: this.#about.nodeId,
      host: hostname(),
      version: this.#about.version,
      startedAt: this.#startedAt,
      connections: this.#state.activity.connections,
      channels: this.#state.channels(),
      slowConsumers: this.#state.slowConsumers(),
      callsPerSecond: rounded(since.calls / seconds),
      deliveriesPerSecond: rounded(since.deliveries / seconds),
      // The monitor measures the time between its own timers. They are set 20 ms apart, so only what exceeds 20 ms is
      // a delay.
      eventLoopDelayMs: rounded(Math.max(0, (Number.isNaN(p99) ? 0 : p99) - 20)),
      memoryBytes: process.memoryUsage.rss(),
    };
    // The node may become idle before its next report, so the lease has to last for the longer interval.
    await this.#send(JSON.stringify(report), INTERVAL.idleMs + LEASE_MARGIN_MS, report.eventLoopDelayMs);
    this.#delay.reset();
  }

  async #send(report: string, leaseMs: number, eventLoopDelayMs = 0): Promise<void> {
    const { redis, keys } = this.#stores;
    const counts = { ...this.#state.activity.counts };
    const since = this.#sinceReport();
    await runScript(redis, reportScript, keys.admin, {
      id: this.#about.nodeId,
      report,
      leaseMs,
      connections: this.#connectionCount(),
      ...since,
      eventLoopDelayMs,
    });
    this.#reported = { ...counts, at: performance.now() };
  }

  #sinceReport(): NodeCounts {
    const { calls, failures, limited, deliveries } = this.#state.activity.counts;
    return {
      calls: calls - this.#reported.calls,
      failures: failures - this.#reported.failures,
      limited: limited - this.#reported.limited,
      deliveries: deliveries - this.#reported.deliveries,
    };
  }

  #connectionCount(): number {
    const { websocket, socketio, sse } = this.#state.activity.connections;
    return websocket + socketio + sse;
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
