import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import type { Observer } from "../observer/observer.js";
import { refusalOf } from "./faults.js";

/** Logs each outage once, however many connections it affects. */
export class OutageLog {
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #down = new Set<string>();
  /** The last failure that names a cause. */
  lastFailure: Error | undefined;

  /** @param observer notified when a connection is ready */
  constructor(log: Logger, observer: Observer) {
    this.#log = log;
    this.#observer = observer;
  }

  /** @param kind the name of the connection in the observer's notes */
  watch(connection: string, redis: Redis | Cluster, kind = connection): void {
    redis.on("error", (error: Error) => this.#onFailure(connection, error));
    redis.on("ready", () => {
      this.#observer.note("redisConnected", { connection: kind });
      this.#onRecovery(connection);
    });
  }

  /** Removes a connection that is not needed any more, so that its failure does not prolong the outage. */
  forget(connection: string): void {
    this.#onRecovery(connection);
  }

  #onFailure(connection: string, failure: Error): void {
    const error = (failure as { lastNodeError?: Error }).lastNodeError ?? failure;
    // This error of ioredis says only that a command was given up, not why.
    if (error.name !== "MaxRetriesPerRequestError") this.lastFailure = error;
    const reason = refusalOf(error) ?? error.message;
    if (this.#down.size === 0) this.#log.warn({ connection, reason }, "redis connection failed");
    this.#down.add(connection);
  }

  #onRecovery(connection: string): void {
    if (this.#down.delete(connection) && this.#down.size === 0) this.#log.info("redis connection is back");
  }
}
