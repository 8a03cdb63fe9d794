import { GrandstandError } from "@grandstand/shared/errors";
import type { Authenticator } from "../auth/authenticator.js";
import type { Caller } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { PresentedCredential } from "../core/presented-credential.js";
import type { CallLimits } from "../limits/call-limits.js";
import { LimitReached } from "../limits/limit-reached.js";
import type { Connections } from "../live/connections.js";

const CONNECT_COST = 1;

/** The way in for every live connection, whatever its transport: room, limits, credentials, in this order. */
export class Admission {
  readonly #connections: Connections;
  readonly #limits: CallLimits;
  readonly #authenticator: Authenticator;

  constructor(connections: Connections, limits: CallLimits, authenticator: Authenticator) {
    this.#connections = connections;
    this.#limits = limits;
    this.#authenticator = authenticator;
  }

  /**
   * Called when a connection begins.
   * @throws {GrandstandError} `unavailable` while the node ends, `rate_limited` where there are too many.
   */
  async open(address: string): Promise<void> {
    this.#connections.checkAdmission(address);
    await this.#limits.spendHandshake(address);
  }

  /**
   * Takes from a live connection what it costs to say again who it is.
   * @throws {LimitReached} as a rejection, which is counted like that of a call
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
   * Who stands for a connection. A token by itself was meant.
   * @throws {GrandstandError} `unauthenticated`; `rate_limited` when too many credentials from this address were refused,
   * or the user has too many connections.
   */
  async identify(presented: PresentedCredential | string | null, address: string): Promise<Caller> {
    this.#limits.checkCredentialsOf(address);
    const { token, source } =
      typeof presented === "object" && presented !== null
        ? presented
        : { token: presented, source: "header" as const };
    const caller = await this.#authenticator.identifyConnection(token).catch((error: unknown) => {
      // A cookie that has ended is no guess; the beginning of the connection has its price.
      if (source === "header" && error instanceof GrandstandError && error.code === "unauthenticated")
        this.#limits.noteFailure(address);
      throw error;
    });
    this.#connections.checkCaller(caller);
    return caller;
  }
}
