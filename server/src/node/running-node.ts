import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.js";
import type { Hooks } from "../hooks/hooks.js";
import type { CountScope, PeerCounts } from "../limits/peer-counts.js";
import type { PortReadiness, Readiness } from "../ops/health.js";
import type { MetricsData, WorkerMetrics } from "../ops/metrics/metrics.js";
import type { EngineSessions } from "../transports/socketio/engine-sessions.js";

/** The other nodes behind the same port, when several run as workers of one process. */
export interface Peers {
  counts: PeerCounts;
  sessions: EngineSessions;
  /** The readiness and metrics of all workers, including this one. */
  all: {
    readiness(own: () => Promise<Readiness>): Promise<PortReadiness>;
    metrics(): Promise<WorkerMetrics[]>;
  };
}

/** What a node does not read from its settings. */
export interface NodeOptions {
  /** A new one when not given. */
  nodeId?: string;
  peers?: Peers;
  hooks?: Hooks | undefined;
  /** Makes the node reachable, once all its routes are there. @returns its URL; "" when another server hands it requests */
  open?(app: FastifyInstance, config: Config): Promise<string>;
}

/** One running node. */
export interface RunningNode {
  /** The URL at which it listens; "" when another server hands it requests. */
  url: string;
  /** The URL of the metrics; null when they are not served. */
  metricsUrl: string | null;
  /** The number of live connections, over all transports. */
  connectionCount(): number;
  /** The number of channels with a local subscriber. */
  channelCount(): number;
  /** The number of slow consumers. */
  slowConsumerCount(): number;
  /** Whether this node can serve. */
  readiness(): Promise<Readiness>;
  /** What its metrics are now; empty when they are not served. */
  metrics(): Promise<MetricsData>;
  /** Ends the last connections that count for a user or a network. */
  closeNewest(scope: CountScope, key: string, count: number): void;
  /** Reports not ready from now on, and still serves: load balancers stop sending clients before the port closes. */
  drain(): void;
  /** Asks every client to reconnect elsewhere, finishes running calls, and closes the connections to Redis. */
  close(): Promise<void>;
}
