import type { LimitSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import { LimitReached } from "./limit-reached.js";
import { networkOf } from "./network.js";
import { Tally } from "./tally.js";

/** When a client may try again. */
const RETRY_AFTER_MS = 10_000;

/** Counts the connections of this node by user and by address, and holds them to the limits. */
export class ConnectionCounts {
  readonly #limits: LimitSettings["connections"];
  readonly #byUser = new Tally();
  readonly #byNetwork = new Tally();
  /** The user that each connection counts for. */
  readonly #userOf = new WeakMap<Connection, string>();
  #total = 0;

  constructor(limits: LimitSettings["connections"]) {
    this.#limits = limits;
  }

  /** @throws {LimitReached} when the node or the address has reached its number of connections */
  checkAddress(address: string): void {
    if (this.#limits === null) return;
    const { perNode, perAddress } = this.#limits;
    if (this.#total >= perNode) throw full("connectionsPerNode", `${perNode} connections on one node`);
    if (this.#byNetwork.of(networkOf(address)) >= perAddress) {
      throw full("connectionsPerAddress", `${perAddress} connections of one address`);
    }
  }

  /** @throws {LimitReached} when the user has reached the number of connections on this node */
  checkCaller(caller: Caller): void {
    if (this.hasRoomFor(caller)) return;
    throw full("connectionsPerUser", `${this.#limits?.perUser} connections of one user`);
  }

  hasRoomFor(caller: Caller): boolean {
    if (this.#limits === null || caller.kind !== "user") return true;
    return this.#byUser.of(caller.user.id) < this.#limits.perUser;
  }

  /**
   * Adds a connection.
   * @throws {LimitReached} when other connections of its user were added since the check; then it is not added
   */
  enter(connection: Connection): void {
    if (this.#limits === null) return;
    this.identified(connection, connection.caller);
    this.#total += 1;
    this.#byNetwork.add(networkOf(connection.address));
  }

  /**
   * Counts a connection for its user, once it is authenticated. A repeat has no effect.
   * @throws {LimitReached} as `enter` does
   */
  identified(connection: Connection, caller: Caller): void {
    if (this.#limits === null || caller.kind !== "user" || this.#userOf.has(connection)) return;
    this.checkCaller(caller);
    this.#userOf.set(connection, caller.user.id);
    this.#byUser.add(caller.user.id);
  }

  /** Removes a connection. */
  leave(connection: Connection): void {
    if (this.#limits === null) return;
    this.#total -= 1;
    this.#byNetwork.remove(networkOf(connection.address));
    const user = this.#userOf.get(connection);
    if (user !== undefined) this.#byUser.remove(user);
  }
}

function full(name: string, limit: string): LimitReached {
  return new LimitReached(name, `of ${limit}`, RETRY_AFTER_MS);
}
