import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.js";
import type { Hooks } from "../hooks/hooks.js";
import type { CountScope, OtherWorkersCounts } from "../limits/other-workers-counts.js";
import type { PortReadiness, Readiness } from "../ops/health.js";
import type { MetricsData, WorkerMetrics } from "../ops/metrics/metrics.js";
import type { EngineSessions } from "../transports/socketio/engine-sessions.js";

/** What a node gets if several worker processes share its port. Each worker is one node. */
export interface Workers {
  /** The connections of the other workers. */
  counts: OtherWorkersCounts;
  sessions: EngineSessions;
  /** The readiness and metrics of all workers, including this one. */
  all: {
    readiness(own: () => Promise<Readiness>): Promise<PortReadiness>;
    metrics(): Promise<WorkerMetrics[]>;
  };
}

/** The options of a node that are not settings. */
export interface NodeOptions {
  /** A random id when not given. */
  nodeId?: string;
  workers?: Workers;
  hooks?: Hooks | undefined;
  /**
   * Called when all routes exist, to open the port.
   * @returns the URL; "" when another server passes requests to the node
   */
  open?(app: FastifyInstance, config: Config): Promise<string>;
}

/** One running node. */
export interface RunningNode {
  /** The URL at which the node listens; "" when another server passes requests to it. */
  url: string;
  /** The URL of the metrics; null when they are not served, or when the node has no URL. */
  metricsUrl: string | null;
  /** The number of live connections, over all transports. */
  connectionCount(): number;
  /** The number of channels with a local subscriber. */
  channelCount(): number;
  /** The number of slow consumers. */
  slowConsumerCount(): number;
  /** Whether this node can serve. */
  readiness(): Promise<Readiness>;
  /** The current metrics; empty when they are not served. */
  metrics(): Promise<MetricsData>;
  /**
   * Terminates connections of a user or a network that has too many: the newest first, at most `count`. Sends no close
   * notice.
   * @param key the id of the user, or the network
   */
  closeNewest(scope: CountScope, key: string, count: number): void;
  /**
   * Reports the node as not ready from now on, and ends each HTTP connection with its next response. The node still
   * serves, so that load balancers can react before the port closes.
   */
  drain(): void;
  /** Asks every client to reconnect elsewhere, finishes running calls, and closes the connections to Redis. */
  close(): Promise<void>;
}
