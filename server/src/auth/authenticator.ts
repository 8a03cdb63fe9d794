import { GrandstandError } from "@grandstand/shared/errors";
import type { User } from "@grandstand/shared/user";
import type { Caller } from "../calls/caller.js";
import type { ApiKeys } from "./api-keys.js";
import { Sessions } from "./sessions.js";

/** Longer than any token that we or an identity provider issue; anything above is not worth hashing. */
const MAX_TOKEN_LENGTH = 8_192;

/** Says who presents a token. */
export class Authenticator {
  readonly #apiKeys: ApiKeys;
  readonly #sessions: Sessions;

  constructor(apiKeys: ApiKeys, sessions: Sessions) {
    this.#apiKeys = apiKeys;
    this.#sessions = sessions;
  }

  /**
   * Who makes one call of many.
   * @param token null when no credentials were presented.
   * @throws {GrandstandError} `unauthenticated` when the token is not valid.
   */
  async identify(token: string | null): Promise<Caller> {
    if (token === null) return { kind: "nobody" };
    return this.#callerOf(token, (session) => this.#sessions.readOften(session));
  }

  /** Who opens a connection, which happens once for many calls, and needs credentials. */
  async identifyConnection(token: string | null): Promise<Caller> {
    if (token === null) throw new GrandstandError("unauthenticated", "A token is needed");
    return this.#callerOf(token, (session) => this.#sessions.read(session));
  }

  async #callerOf(token: string, userOf: (session: string) => Promise<User | null>): Promise<Caller> {
    if (token.length <= MAX_TOKEN_LENGTH) {
      if (Sessions.isToken(token)) {
        const user = await userOf(token);
        if (user) return { kind: "user", user };
      } else {
        const keyName = this.#apiKeys.nameOf(token);
        if (keyName !== null) return { kind: "server", keyName };
      }
    }
    throw new GrandstandError("unauthenticated", "The credentials are not valid");
  }
}
