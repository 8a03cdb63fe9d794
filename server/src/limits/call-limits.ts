import type { Redis } from "ioredis";
import type { LimitSettings, QuotaSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { Keys } from "../redis/keys.js";
import { ConnectionLimit } from "./connection-limit.js";
import type { QuotaState } from "./limit-reached.js";
import { networkOf } from "./network.js";
import { Quota } from "./quota.js";

/** What the beginning of a connection costs its address. */
const HANDSHAKE_COST = 1;
/** What refused credentials cost their address. */
const FAILURE_COST = 5;
/** Credentials that were refused are held against the connection that they came over like so many points. */
const FAILURE_ON_CONNECTION_COST = 10;

/** The limits of callers, addresses and connections. Nothing is asked of Redis, or kept, for a caller without limits. */
export class CallLimits {
  readonly #user: Quota | null;
  readonly #apiKey: Quota | null;
  readonly #address: Quota | null;
  readonly #failures: Quota | null;
  readonly #connection: ConnectionLimit | null;

  constructor(settings: LimitSettings, redis: Redis, keys: Keys) {
    const quota = (name: string, quotaSettings: QuotaSettings | null, purpose: string) =>
      quotaSettings && new Quota(name, purpose, quotaSettings, redis, (whose) => keys.limit(name, whose));
    this.#user = quota("user", settings.user, "one user");
    this.#apiKey = quota("key", settings.apiKey, "one API key");
    this.#address = quota("address", settings.address, "one address");
    this.#failures = quota("failures", settings.failures, "refused credentials of one address");
    this.#connection = settings.connection && new ConnectionLimit(settings.connection);
  }

  /**
   * Takes what a call costs from whoever makes it: from its caller, or from the address when it has none, and from its
   * connection. Answers at once unless Redis has to be asked.
   * @throws {LimitReached} also as a rejection
   */
  spend(
    caller: Caller,
    connection: Connection | null,
    address: string,
    cost: number,
  ): QuotaState | null | Promise<QuotaState> {
    // An app's server speaks for many users over one connection.
    if (caller.kind === "server") return this.#apiKey?.spend(caller.keyName, cost) ?? null;
    if (connection !== null) this.#connection?.spend(connection, cost);
    if (caller.kind === "user") return this.#user?.spend(caller.user.id, cost) ?? null;
    // A connection that nobody stands for yet has paid for its beginning.
    return connection === null ? (this.#address?.spend(networkOf(address), cost) ?? null) : null;
  }

  /**
   * Ends a connection that goes on asking for more than ten times what it may have. An app's server is no client that
   * went wrong: it has one connection for all of its users, and is told when to come again.
   */
  noteRefused(connection: Connection, cost: number): void {
    if (connection.caller.kind === "server") return;
    const verdict = this.#connection?.refuse(connection, cost);
    if (verdict === "close") connection.close("abuse");
    else if (verdict === "terminate") connection.terminate();
  }

  /**
   * Takes what it costs an address to begin a connection.
   * @throws {LimitReached} as a rejection
   */
  async spendHandshake(address: string): Promise<void> {
    await this.#address?.spend(networkOf(address), HANDSHAKE_COST);
  }

  /**
   * Called before credentials are looked at. Connections that exist don't ask: what others at their address try is not
   * held against them.
   * @throws {LimitReached} when too many from this address were refused.
   */
  checkCredentialsOf(address: string): void {
    this.#failures?.check(networkOf(address));
  }

  /** Notes that credentials from an address were refused. */
  noteFailure(address: string): void {
    const network = networkOf(address);
    for (const [quota, cost] of [
      [this.#failures, 1],
      [this.#address, FAILURE_COST],
    ] as const) {
      // Who has no points left is refused when they come again.
      void Promise.resolve()
        .then(() => quota?.spend(network, cost))
        .catch(() => {});
    }
  }

  /** The same for those that came over a live connection. */
  noteFailureOn(connection: Connection): void {
    this.noteFailure(connection.address);
    this.noteRefused(connection, FAILURE_ON_CONNECTION_COST);
  }
}
