import type { LimitSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import { LimitReached } from "./limit-reached.js";
import { networkOf } from "./network.js";
import { Tally } from "./tally.js";

/** How soon a place may be free again. */
const RETRY_AFTER_MS = 10_000;

/** How many connections this node has, by user and by address, and how many it may have. */
export class ConnectionCounts {
  readonly #most: LimitSettings["connections"];
  readonly #byUser = new Tally();
  readonly #byNetwork = new Tally();
  /** Whom a connection was counted for. */
  readonly #userOf = new WeakMap<Connection, string>();
  #total = 0;

  constructor(most: LimitSettings["connections"]) {
    this.#most = most;
  }

  /** @throws {LimitReached} when this node, or the address on it, has as many connections as it may. */
  checkAddress(address: string): void {
    if (this.#most === null) return;
    const { perNode, perAddress } = this.#most;
    if (this.#total >= perNode) throw full(`${perNode} connections on one node`);
    if (this.#byNetwork.of(networkOf(address)) >= perAddress) {
      throw full(`${perAddress} connections of one address`);
    }
  }

  /** @throws {LimitReached} when the user has as many connections on this node as it may. */
  checkCaller(caller: Caller): void {
    if (!this.hasRoomFor(caller)) throw full(`${this.#most?.perUser} connections of one user`);
  }

  hasRoomFor(caller: Caller): boolean {
    if (this.#most === null || caller.kind !== "user") return true;
    return this.#byUser.of(caller.user.id) < this.#most.perUser;
  }

  /**
   * Counts a connection in.
   * @throws {LimitReached} when others of its user came first since it was asked. Then it is not counted.
   */
  enter(connection: Connection): void {
    if (this.#most === null) return;
    this.identified(connection, connection.caller);
    this.#total += 1;
    this.#byNetwork.add(networkOf(connection.address));
  }

  /**
   * Counts a connection for its user, who is known from now on. It may be told again and again.
   * @throws {LimitReached} as `enter` does
   */
  identified(connection: Connection, caller: Caller): void {
    if (this.#most === null || caller.kind !== "user" || this.#userOf.has(connection)) return;
    this.checkCaller(caller);
    this.#userOf.set(connection, caller.user.id);
    this.#byUser.add(caller.user.id);
  }

  /** Counts a connection out. */
  leave(connection: Connection): void {
    if (this.#most === null) return;
    this.#total -= 1;
    this.#byNetwork.remove(networkOf(connection.address));
    const user = this.#userOf.get(connection);
    if (user !== undefined) this.#byUser.remove(user);
  }
}

function full(limit: string): LimitReached {
  return new LimitReached(`of ${limit}`, RETRY_AFTER_MS);
}
