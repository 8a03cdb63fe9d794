import type { CloseReason } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { ConnectionCounts } from "../limits/connection-counts.js";

/** How long clients may take to hear why they are closed. */
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
   * @param listeners.onClosed called once for each connection that was added and is gone
   * @param listeners.onCallerChanged called when it is known who a connection belongs to, and again when that caller's
   * credentials change
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
   * A transport asks before it takes a connection in.
   * @throws {GrandstandError} `unavailable` while the node ends, `rate_limited` when it is full.
   */
  checkAdmission(address: string): void {
    if (this.#closing !== null) {
      throw new GrandstandError("unavailable", "This node is ending", { retryAfterMs: 1_000 });
    }
    this.#counts.checkAddress(address);
  }

  /** @throws {GrandstandError} `rate_limited` when a caller has as many connections as it may. */
  checkCaller(caller: Caller): void {
    this.#counts.checkCaller(caller);
  }

  /** Whether others of its caller came first since `checkCaller`: many may be asked about at the same time. */
  hasRoomFor(caller: Caller): boolean {
    return this.#counts.hasRoomFor(caller);
  }

  /**
   * Takes a connection in.
   * @throws {GrandstandError} `rate_limited` when there is no room for its caller
   */
  add(connection: Connection): void {
    this.#counts.enter(connection);
    this.#open.add(connection);
    // It was admitted a moment before.
    if (this.#closing !== null) connection.close(this.#closing);
    else if (connection.caller.kind !== "nobody") this.#onCallerChanged(connection);
  }

  /**
   * A connection presented credentials, its first ones or others.
   * @throws {GrandstandError} as `add` does, when they are its first ones
   */
  replaceCaller(connection: Connection, caller: Caller): void {
    const isHere = this.#open.has(connection);
    if (isHere) this.#counts.identified(connection, caller);
    connection.caller = caller;
    // One that is gone meanwhile is nobody's to look after.
    if (isHere) this.#onCallerChanged(connection);
  }

  remove(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#counts.leave(connection);
    this.#onClosed(connection);
    if (this.#open.size === 0) this.#onEmpty();
  }

  /** Admits nobody any more and closes all; resolves when they are gone, or had their time. */
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
