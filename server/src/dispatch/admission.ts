import { GrandstandError } from "@grandstand/shared/errors";
import type { Authenticator } from "../auth/authenticator.js";
import { withAddedCaps } from "../authz/grants.js";
import type { Caller, PresentedCredential } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { HookGate } from "../hooks/gate.js";
import type { CallLimits } from "../limits/call-limits.js";
import { LimitReached } from "../limits/limit-reached.js";
import type { Connections } from "../live/connections.js";

const CONNECT_COST = 1;

/** Admits live connections of every transport. Checks connection limits, rate limits, credentials and hooks, in this order. */
export class Admission {
  readonly #connections: Connections;
  readonly #limits: CallLimits;
  readonly #authenticator: Authenticator;
  readonly #hooks: HookGate | null;

  constructor(
    connections: Connections,
    limits: CallLimits,
    authenticator: Authenticator,
    hooks: HookGate | null,
  ) {
    this.#connections = connections;
    this.#limits = limits;
    this.#authenticator = authenticator;
    this.#hooks = hooks;
  }

  /**
   * Called when a connection begins.
   * @throws {GrandstandError} `unavailable` while the node drains, `rate_limited` with too many connections or when the
   * address has no points left.
   */
  async open(address: string): Promise<void> {
    this.#connections.checkAdmission(address);
    await this.#limits.spendHandshake(address);
  }

  /**
   * Spends the cost of a `connect` frame.
   * @throws {LimitReached} when no points are left. The refusal counts like a refused call.
   */
  async spendConnect(connection: Connection): Promise<void> {
    try {
      await this.#limits.spend(connection.caller, connection, connection.address, CONNECT_COST);
    } catch (error) {
      if (error instanceof LimitReached) this.#limits.noteRefused(connection, CONNECT_COST);
      throw error;
    }
  }

  /**
   * Identifies the caller of a connection.
   * @param presented the credential, or only its token. A token alone counts as sent in a header
   * @throws {GrandstandError} `unauthenticated`; `unavailable` when the credential cannot be checked now; `rate_limited` when
   * too many credentials from this address were refused, or the user has too many connections; or the error of a hook.
   */
  async identify(presented: PresentedCredential | string | null, address: string): Promise<Caller> {
    this.#limits.checkCredentialsOf(address);
    const { token, source } =
      typeof presented === "object" && presented !== null
        ? presented
        : { token: presented, source: "header" as const };
    const caller = await this.#authenticator.identifyConnection(token).catch((error: unknown) => {
      // A refused cookie is not counted, because browsers also send the cookie of a session that has ended. Such attempts
      // are limited all the same: each handshake costs points of the address.
      if (source === "header" && error instanceof GrandstandError && error.code === "unauthenticated")
        this.#limits.noteFailure(address);
      throw error;
    });
    this.#connections.checkCaller(caller);
    if (this.#hooks === null) return caller;
    return withAddedCaps(caller, await this.#hooks.connect(caller, address));
  }
}
