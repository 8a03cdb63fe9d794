import { networkOf } from "./network.js";

/** How long anyone may say nothing, however many they are: all that begin at once have yet to be listened to. */
const PATIENCE_MS = 1_000;
/** So many times more than may wait for longer. */
const TIMES_AT_ONCE = 10;

interface Stranger {
  sinceMs: number;
  end: () => void;
}

/**
 * The sockets that have yet to say who they are, by address. Each has some seconds for it, and costs memory meanwhile.
 * Where too many have waited for a while the oldest are ended: newcomers may be others than those.
 */
export class PendingConnections {
  readonly #most: number;
  /** Oldest first. */
  readonly #byNetwork = new Map<string, Set<Stranger>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param most how many of one address may wait for longer than a second */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts one more, and returns what takes it out again; that may be called twice.
   * @param end called when it was there for too long, and is counted no more
   */
  enter(address: string, end: () => void): () => void {
    const network = networkOf(address);
    const waiting = this.#byNetwork.get(network) ?? new Set();
    const stranger = { sinceMs: performance.now(), end };
    this.#byNetwork.set(network, waiting.add(stranger));
    if (waiting.size > this.#most) {
      this.#trim(network, waiting);
      this.#timer ??= setTimeout(this.#trimAll, PATIENCE_MS).unref();
    }
    return () => this.#leave(network, waiting, stranger);
  }

  readonly #trimAll = (): void => {
    this.#timer = undefined;
    let areTooMany = false;
    for (const [network, waiting] of this.#byNetwork) {
      this.#trim(network, waiting);
      areTooMany ||= waiting.size > this.#most;
    }
    if (areTooMany) this.#timer = setTimeout(this.#trimAll, PATIENCE_MS).unref();
  };

  /** Ends those that are too many. */
  #trim(network: string, waiting: Set<Stranger>): void {
    const patientSinceMs = performance.now() - PATIENCE_MS;
    for (const stranger of waiting) {
      const isTooMany = waiting.size > this.#most && stranger.sinceMs <= patientSinceMs;
      if (!isTooMany && waiting.size <= this.#most * TIMES_AT_ONCE) return;
      this.#leave(network, waiting, stranger);
      stranger.end();
    }
  }

  #leave(network: string, waiting: Set<Stranger>, stranger: Stranger): void {
    if (waiting.delete(stranger) && waiting.size === 0) this.#byNetwork.delete(network);
  }
}
