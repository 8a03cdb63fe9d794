import { LimitReached } from "./limit-reached.js";
import { networkOf } from "./network.js";

/** Who waits has this long at most, and is gone then. */
const RETRY_AFTER_MS = 5_000;

/**
 * Counts the sockets by address that have yet to say who they are. Each has some seconds for it, and costs memory
 * meanwhile.
 */
export class Strangers {
  readonly #most: number;
  readonly #byNetwork = new Map<string, number>();

  /** @param most how many of one address may wait at once */
  constructor(most: number) {
    this.#most = most;
  }

  isFull(address: string): boolean {
    return (this.#byNetwork.get(networkOf(address)) ?? 0) >= this.#most;
  }

  /** @throws {LimitReached} when as many of this address wait as may. */
  check(address: string): void {
    if (this.isFull(address)) {
      throw new LimitReached(
        `of ${this.#most} connections of one address without credentials`,
        RETRY_AFTER_MS,
      );
    }
  }

  /** Counts one more, and returns what takes it out again; that may be called twice. */
  enter(address: string): () => void {
    const network = networkOf(address);
    this.#byNetwork.set(network, (this.#byNetwork.get(network) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = this.#byNetwork.get(network)! - 1;
      if (left === 0) this.#byNetwork.delete(network);
      else this.#byNetwork.set(network, left);
    };
  }
}
