import type { LimitSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import { LimitReached } from "./limit-reached.js";
import { networkOf } from "./network.js";
import { OpeningRate } from "./opening-rate.js";
import { type CountScope, noOtherWorkers, type OtherWorkersCounts } from "./other-workers-counts.js";
import { Tally } from "./tally.js";

/** After how long a client may try again. */
const RETRY_AFTER_MS = 10_000;

/**
 * Counts the connections of this node by user and by address, and enforces the limits. Connections of other
 * workers behind the same port count as well, except for the limit `perNode`.
 */
export class ConnectionCounts {
  readonly #limits: LimitSettings["connections"];
  readonly #byUser = new Tally();
  readonly #byNetwork = new Tally();
  /** The user that each connection counts for. */
  readonly #userOf = new WeakMap<Connection, string>();
  readonly #otherWorkers: OtherWorkersCounts;
  readonly #openings: OpeningRate | null;
  #total = 0;

  constructor(limits: LimitSettings["connections"], otherWorkers: OtherWorkersCounts = noOtherWorkers) {
    this.#limits = limits;
    this.#openings = limits && new OpeningRate(limits.perSecond);
    this.#otherWorkers = otherWorkers;
  }

  /**
   * @throws {LimitReached} when the node or the address has as many connections as allowed, or the node has admitted as
   * many connections within a second as allowed
   */
  checkAddress(address: string): void {
    if (this.#limits === null) return;
    const { perNode, perAddress } = this.#limits;
    this.#openings?.spend();
    if (this.#total >= perNode) throw full("connectionsPerNode", `${perNode} connections on one node`);
    const network = networkOf(address);
    if (this.#byNetwork.of(network) + this.#otherWorkers.of("network", network) >= perAddress) {
      throw full("connectionsPerAddress", `${perAddress} connections of one address`);
    }
  }

  /** @throws {LimitReached} when the user has as many connections as allowed, including those at other workers */
  checkCaller(caller: Caller): void {
    if (this.hasRoomFor(caller)) return;
    throw full("connectionsPerUser", `${this.#limits?.perUser} connections of one user`);
  }

  hasRoomFor(caller: Caller): boolean {
    if (this.#limits === null || caller.kind !== "user") return true;
    const { id } = caller.user;
    return this.#byUser.of(id) + this.#otherWorkers.of("user", id) < this.#limits.perUser;
  }

  /**
   * Adds a connection.
   * @throws {LimitReached} when the user reached the limit after `checkCaller` was called for this connection. In
   * that case, the connection is not added.
   */
  enter(connection: Connection): void {
    if (this.#limits === null) return;
    this.identified(connection, connection.caller);
    this.#total += 1;
    const network = networkOf(connection.address);
    this.#byNetwork.add(network);
    this.#otherWorkers.changed("network", network, 1);
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
    this.#otherWorkers.changed("user", caller.user.id, 1);
  }

  /** Removes a connection. */
  leave(connection: Connection): void {
    if (this.#limits === null) return;
    this.#total -= 1;
    const network = networkOf(connection.address);
    this.#byNetwork.remove(network);
    this.#otherWorkers.changed("network", network, -1);
    const user = this.#userOf.get(connection);
    if (user === undefined) return;
    this.#byUser.remove(user);
    this.#otherWorkers.changed("user", user, -1);
  }

  /** By how many connections a user or a network is above its limit. */
  above(scope: CountScope, key: string): number {
    if (this.#limits === null) return 0;
    const [own, limit] =
      scope === "user"
        ? [this.#byUser.of(key), this.#limits.perUser]
        : [this.#byNetwork.of(key), this.#limits.perAddress];
    return Math.max(0, own + this.#otherWorkers.of(scope, key) - limit);
  }

  /** Whether a connection counts for `key`: the id of a user, or the network of an address (`networkOf`). */
  isCountedFor(connection: Connection, scope: CountScope, key: string): boolean {
    return scope === "user" ? this.#userOf.get(connection) === key : networkOf(connection.address) === key;
  }
}

function full(name: string, limit: string): LimitReached {
  return new LimitReached(name, `of ${limit}`, RETRY_AFTER_MS);
}
