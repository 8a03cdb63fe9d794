import type { Logger } from "pino";
import type { Facts, Observer } from "../observer/observer.js";

/** Limits that refuse connections and sockets. A refused call is the caller's affair, and its reply says so. */
export const connectionLimitNames = [
  "connectionsPerNode",
  "connectionsPerAddress",
  "connectionsPerUser",
  "waitingPerAddress",
  "socketsPerAddress",
];
/** Without a refusal for this long, the next one is logged again. */
const QUIET_MS = 60_000;

/** Logs once, until it is over, that a limit refuses connections. */
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
