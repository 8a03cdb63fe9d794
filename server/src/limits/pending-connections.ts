import { noObserver, type Observer } from "../observer/observer.js";
import { networkOf } from "./network.js";

/** Grace period before the pending-connection limit applies. */
const GRACE_MS = 1_000;
/** Within the grace period, an address may have this many times the limit. */
const BURST_FACTOR = 10;

interface Pending {
  sinceMs: number;
  end: () => void;
}

/**
 * Counts transports that are open but not authenticated, by address. Above the limit it ends the oldest transports, because
 * new transports may belong to other clients at that address.
 */
export class PendingConnections {
  readonly #limit: number;
  readonly #observer: Observer;
  /** The pending transports of each address, or of each IPv6 network (`networkOf`), oldest first. */
  readonly #byNetwork = new Map<string, Set<Pending>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limit how many transports of one address may be pending for longer than the grace period */
  constructor(limit: number, observer: Observer = noObserver) {
    this.#limit = limit;
    this.#observer = observer;
  }

  /**
   * Adds a transport.
   * @param end called to close the transport when there are too many. The transport is then no longer counted
   * @returns a function that removes the transport; it may be called twice
   */
  enter(address: string, end: () => void): () => void {
    const network = networkOf(address);
    const waiting = this.#byNetwork.get(network) ?? new Set();
    const pending = { sinceMs: performance.now(), end };
    this.#byNetwork.set(network, waiting.add(pending));
    if (waiting.size > this.#limit) {
      this.#trim(network, waiting);
      this.#timer ??= setTimeout(this.#trimAll, GRACE_MS).unref();
    }
    return () => this.#leave(network, waiting, pending);
  }

  readonly #trimAll = (): void => {
    this.#timer = undefined;
    let areTooMany = false;
    for (const [network, waiting] of this.#byNetwork) {
      this.#trim(network, waiting);
      areTooMany ||= waiting.size > this.#limit;
    }
    if (areTooMany) this.#timer = setTimeout(this.#trimAll, GRACE_MS).unref();
  };

  /**
   * Ends the oldest transports. Above the limit, it ends transports that are past the grace period. Above BURST_FACTOR times
   * the limit, it ends transports of any age.
   */
  #trim(network: string, waiting: Set<Pending>): void {
    const graceEndsBeforeMs = performance.now() - GRACE_MS;
    for (const pending of waiting) {
      const isTooMany = waiting.size > this.#limit && pending.sinceMs <= graceEndsBeforeMs;
      if (!isTooMany && waiting.size <= this.#limit * BURST_FACTOR) return;
      this.#leave(network, waiting, pending);
      pending.end();
      this.#observer.note("limitReached", { limit: "waitingPerAddress" });
    }
  }

  #leave(network: string, waiting: Set<Pending>, pending: Pending): void {
    if (waiting.delete(pending) && waiting.size === 0) this.#byNetwork.delete(network);
  }
}
