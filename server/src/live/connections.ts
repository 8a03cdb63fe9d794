import type { CloseReason } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { ConnectionCounts } from "../limits/connection-counts.js";

/** How long clients may take to read their close notice. */
const CLOSE_NOTICE_TIMEOUT_MS = 2_000;

/** Every live connection of this node, whatever its transport. */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #counts: ConnectionCounts;
  readonly #onClosed: (connection: Connection) => void;
  readonly #onCallerChanged: (connection: Connection) => void;
  #closing: CloseReason | null = null;
  #onEmpty = (): void => {};

  /**
   * @param listeners.onClosed called once for each added connection that closed
   * @param listeners.onCallerChanged called when a connection is authenticated, and again when its credential changes
   */
  constructor(
    counts: ConnectionCounts,
    listeners: { onClosed(connection: Connection): void; onCallerChanged(connection: Connection): void },
  ) {
    this.#counts = counts;
    this.#onClosed = listeners.onClosed;
    this.#onCallerChanged = listeners.onCallerChanged;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /**
   * Called by a transport before it accepts a connection.
   * @throws {GrandstandError} `unavailable` while the node drains, `rate_limited` when a limit is reached
   */
  checkAdmission(address: string): void {
    if (this.#closing !== null) {
      throw new GrandstandError("unavailable", "This node is stopping", { retryAfterMs: 1_000 });
    }
    this.#counts.checkAddress(address);
  }

  /** @throws {GrandstandError} `rate_limited` when the caller has reached the number of connections */
  checkCaller(caller: Caller): void {
    this.#counts.checkCaller(caller);
  }

  /** Whether the caller may have another connection. Others may have been added since `checkCaller`. */
  hasRoomFor(caller: Caller): boolean {
    return this.#counts.hasRoomFor(caller);
  }

  /**
   * Adds a connection.
   * @throws {GrandstandError} `rate_limited` when its caller has reached the number of connections
   */
  add(connection: Connection): void {
    this.#counts.enter(connection);
    this.#open.add(connection);
    // The node may have begun to drain since the admission.
    if (this.#closing !== null) connection.close(this.#closing);
    else if (connection.caller.kind !== "nobody") this.#onCallerChanged(connection);
  }

  /**
   * Sets the caller of a connection that presented a credential, its first one or a new one.
   * @throws {GrandstandError} as `add` does, for the first credential
   */
  replaceCaller(connection: Connection, caller: Caller): void {
    const isOpen = this.#open.has(connection);
    if (isOpen) this.#counts.identified(connection, caller);
    connection.caller = caller;
    // Nothing watches a connection that closed meanwhile.
    if (isOpen) this.#onCallerChanged(connection);
  }

  remove(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#counts.leave(connection);
    this.#onClosed(connection);
    if (this.#open.size === 0) this.#onEmpty();
  }

  /** Refuses new connections and closes all. Resolves when they are closed, or the timeout has passed. */
  async closeAll(reason: CloseReason): Promise<void> {
    this.#closing = reason;
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_NOTICE_TIMEOUT_MS);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
      for (const connection of this.#open) connection.close(reason);
    });
  }
}
