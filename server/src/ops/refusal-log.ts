import type { Logger } from "pino";
import type { Facts, Observer } from "../observer/observer.js";

/**
 * The limits on connections. Some of them refuse a socket before its client is authenticated. The limits on calls are left
 * out: a refused call is not logged, because its caller gets an error.
 */
export const connectionLimitNames = [
  "connectionsPerNode",
  "connectionsPerAddress",
  "connectionsPerUser",
  "connectionsPerSecond",
  "waitingPerAddress",
  "socketsPerAddress",
];
/** After this time without a refusal, the next refusal is logged again. */
const QUIET_MS = 60_000;

/** Logs that a limit refuses connections: the first refusal, and the first after a quiet time. */
export class RefusalLog implements Observer {
  readonly #log: Logger;
  /** When each limit refused last. */
  readonly #refusedAt = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  note<F extends keyof Facts>(fact: F, detail: Facts[F]): void {
    if (fact !== "limitReached") return;
    const { limit } = detail as Facts["limitReached"];
    if (!connectionLimitNames.includes(limit)) return;
    const now = performance.now();
    const before = this.#refusedAt.get(limit);
    this.#refusedAt.set(limit, now);
    if (before === undefined || now - before > QUIET_MS) {
      this.#log.warn({ limit }, "connections are refused, because a limit is reached");
    }
  }
}
