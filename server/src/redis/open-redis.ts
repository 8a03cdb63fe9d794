import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import type { Observer } from "../observer/observer.js";
import type { PublishCommand, RedisCommands } from "./commands.js";
import type { OutageLog } from "./outage-log.js";
import type { Pace } from "./pace.js";
import type { Topics } from "./topics.js";

/** A connection for BullMQ, which needs a client of ioredis. */
export type JobConnection = Redis | Cluster;

export interface TopicOptions {
  /**
   * Makes the name of a topic for heartbeats. This node publishes heartbeats to itself to detect a lost subscription. Each
   * number gives a name with another hash tag. The hash tag decides which server of a Cluster has the topic. For each server,
   * the node tries numbers until that server has the topic.
   */
  heartbeatTopic: (number: number) => string;
  publishCommand: PublishCommand;
  outages: OutageLog;
  observer: Observer;
  pace: Pace;
  log: Logger;
}

/** The connections to one kind of Redis: a single server, Sentinel or Cluster. */
export interface OpenRedis {
  commands: RedisCommands & { publishCommand: PublishCommand } & (Redis | Cluster);
  jobs: JobConnection;
  /** The connections, by name. The start waits until all of them are ready. */
  all: Record<string, Redis | Cluster>;
  /** The error text of a failed start, if a connection is not ready and ioredis has reported no error. */
  notReady: string;
  /**
   * @returns the version of Redis
   * @throws when Redis is not usable yet; an `AbortError` when waiting can't help
   */
  check(): Promise<number>;
  /** Looks once for settings with which no connection can succeed. @throws {AbortError} that names them */
  diagnose?(): Promise<void>;
  topics(options: TopicOptions): Topics;
}
