import type { CloseReason } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { ConnectionCounts } from "../limits/connection-counts.js";
import type { CountScope } from "../limits/other-workers-counts.js";
import { noObserver, type Observer } from "../observer/observer.js";

/** How long clients may take to read their close notices. */
const CLOSE_NOTICE_TIMEOUT_MS = 2_000;

/** Every live connection of this node, over all transports. */
export class Connections {
  readonly #open = new Set<Connection>();
  /** Connections that `closeNewest` has terminated. They count towards the limits until their sockets have closed. */
  readonly #ended = new WeakSet<Connection>();
  readonly #counts: ConnectionCounts;
  readonly #onClosed: (connection: Connection) => void;
  readonly #onCallerChanged: (connection: Connection) => void;
  readonly #observer: Observer;
  #closing: CloseReason | null = null;
  #onEmpty = (): void => {};

  /**
   * @param listeners.onClosed called once for each added connection that closed
   * @param listeners.onCallerChanged called when the caller of a connection is known, and again when its credentials change
   */
  constructor(
    counts: ConnectionCounts,
    listeners: { onClosed(connection: Connection): void; onCallerChanged(connection: Connection): void },
    observer: Observer = noObserver,
  ) {
    this.#counts = counts;
    this.#onClosed = listeners.onClosed;
    this.#onCallerChanged = listeners.onCallerChanged;
    this.#observer = observer;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /**
   * Transports call this before they accept a connection.
   * @throws {GrandstandError} `unavailable` while the node stops, `rate_limited` when the node or the address has too many
   * connections, or the node has admitted too many within a second.
   */
  checkAdmission(address: string): void {
    if (this.#closing !== null) {
      throw new GrandstandError("unavailable", "This node is stopping", { retryAfterMs: 1_000 });
    }
    this.#counts.checkAddress(address);
  }

  /** @throws {GrandstandError} `rate_limited` when a caller has too many connections. */
  checkCaller(caller: Caller): void {
    this.#counts.checkCaller(caller);
  }

  /** Whether the caller may have one more connection. Other connections may have been added since `checkCaller`. */
  hasRoomFor(caller: Caller): boolean {
    return this.#counts.hasRoomFor(caller);
  }

  /**
   * Adds an accepted connection.
   * @throws {GrandstandError} `rate_limited` when its caller has too many connections
   */
  add(connection: Connection): void {
    this.#counts.enter(connection);
    this.#open.add(connection);
    this.#observer.note("connectionOpened", { transport: connection.transport });
    // The node may have begun to stop since the connection was admitted.
    if (this.#closing !== null) connection.close(this.#closing);
    else if (connection.caller.kind !== "nobody") this.#onCallerChanged(connection);
  }

  /**
   * Sets the caller of a connection that presented its first credentials or new ones.
   * @throws {GrandstandError} as `add` does, if these are the first credentials
   */
  replaceCaller(connection: Connection, caller: Caller): void {
    const isOpen = this.#open.has(connection);
    if (isOpen) this.#counts.identified(connection, caller);
    connection.caller = caller;
    if (isOpen) this.#onCallerChanged(connection);
  }

  remove(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#counts.leave(connection);
    const { transport, closedBy } = connection;
    this.#observer.note("connectionClosed", { transport, by: closedBy });
    this.#onClosed(connection);
    if (this.#open.size === 0) this.#onEmpty();
  }

  /**
   * Terminates up to `count` of the newest connections of a user or network.
   * @param scope whether `key` is a user or a network
   */
  closeNewest(scope: CountScope, key: string, count: number): void {
    const counted = [...this.#open].filter((one) => this.#counts.isCountedFor(one, scope, key));
    const lasting = counted.filter((one) => !this.#ended.has(one));
    // Some of the connections may have closed, or may have been terminated, since the primary process counted them.
    const surplus = Math.min(count, this.#counts.above(scope, key) - (counted.length - lasting.length));
    for (const connection of lasting.reverse().slice(0, Math.max(0, surplus))) {
      this.#ended.add(connection);
      connection.terminate();
    }
  }

  /** Closes all connections and admits no more. Resolves when they are closed, or after a timeout. */
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
