import type { LimitSettings, QuotaSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { ConnectionLimit } from "./connection-limit.js";
import type { QuotaState } from "./limit-reached.js";
import { networkOf } from "./network.js";
import { Quota } from "./quota.js";

/** Opening a connection takes this many points from the quota of the client's address. */
const HANDSHAKE_COST = 1;
/** A refused credential takes this many points from the quota of the client's address. */
const FAILURE_COST = 5;
/** A credential that is refused on a connection adds this cost to the connection's sum of refusals (`noteRefused`). */
const FAILURE_ON_CONNECTION_COST = 10;

/** The limits of callers, addresses and connections. A caller without limits costs no memory and no call to Redis. */
export class CallLimits {
  readonly #user: Quota | null;
  readonly #apiKey: Quota | null;
  readonly #address: Quota | null;
  readonly #failures: Quota | null;
  readonly #connection: ConnectionLimit | null;

  constructor(settings: LimitSettings, redis: RedisCommands, keys: Keys) {
    const quota = (name: string, quotaSettings: QuotaSettings | null, purpose: string) =>
      quotaSettings && new Quota(name, purpose, quotaSettings, redis, (key) => keys.limit(name, key));
    this.#user = quota("user", settings.user, "one user");
    this.#apiKey = quota("key", settings.apiKey, "one API key");
    this.#address = quota("address", settings.address, "one address");
    this.#failures = quota("failures", settings.failures, "refused credentials of one address");
    this.#connection = settings.connection && new ConnectionLimit(settings.connection);
  }

  /**
   * Takes the cost of a call from the quota of its caller and from the limit of its connection. A call without
   * credentials and without a connection is charged to the quota of its address. Returns a promise only when the node has
   * to call Redis.
   * @throws {LimitReached} synchronously or as a rejection
   */
  spend(
    caller: Caller,
    connection: Connection | null,
    address: string,
    cost: number,
  ): QuotaState | null | Promise<QuotaState> {
    // The limit of a connection does not apply to servers: one connection carries the calls of many users.
    if (caller.kind === "server") return this.#apiKey?.spend(caller.keyName, cost) ?? null;
    if (connection !== null) this.#connection?.spend(connection, cost);
    if (caller.kind === "user") return this.#user?.spend(caller.user.id, cost) ?? null;
    // A pending connection has no caller yet. Its address was charged at the handshake.
    return connection === null ? (this.#address?.spend(networkOf(address), cost) ?? null) : null;
  }

  /**
   * Adds `cost` to the connection's sum of refusals within ten seconds. A refusal is a refused credential, or a call or
   * `connect` frame for which a limit had too few points left.
   * - When the sum reaches ten times `perSecond` of the connection's limit, closes the connection with a close notice.
   * - When the sum reaches twice that, closes the connection without a close notice.
   *
   * Servers are exempt, because one connection carries the calls of all their users.
   */
  noteRefused(connection: Connection, cost: number): void {
    if (connection.caller.kind === "server") return;
    const verdict = this.#connection?.noteRefused(connection, cost);
    if (verdict === "close") connection.close("abuse");
    else if (verdict === "terminate") connection.terminate();
  }

  /**
   * Takes the cost of opening a connection from the quota of its address.
   * @throws {LimitReached} as a rejection
   */
  async spendHandshake(address: string): Promise<void> {
    await this.#address?.spend(networkOf(address), HANDSHAKE_COST);
  }

  /**
   * Called before a credential is checked. Open connections are exempt, so that failures of others at the same address
   * do not affect them.
   * @throws {LimitReached} when too many credentials from this address were refused
   */
  checkCredentialsOf(address: string): void {
    this.#failures?.check(networkOf(address));
  }

  /** Counts a refused credential of an address. */
  noteFailure(address: string): void {
    const network = networkOf(address);
    this.#failures?.charge(network, 1);
    this.#address?.charge(network, FAILURE_COST);
  }

  /** Counts a refused credential that came over a live connection. */
  noteFailureOn(connection: Connection): void {
    this.noteFailure(connection.address);
    this.noteRefused(connection, FAILURE_ON_CONNECTION_COST);
  }
}
