import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { Connection } from "../core/connection.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import type { Pace } from "../redis/pace.js";
import { ApiKeys } from "./api-keys.js";
import { Authenticator } from "./authenticator.js";
import { ConsoleSignIns } from "./console-sign-ins.js";
import { CookieSecrets } from "./cookie-secrets.js";
import { CredentialExpiry } from "./credential-expiry.js";
import { CredentialRevalidation } from "./credential-revalidation.js";
import { Revocations } from "./revocations.js";
import { Sessions } from "./sessions.js";
import { StoredKeys } from "./stored-keys.js";
import { Tokens } from "./tokens.js";

/** All kinds of credentials that a node accepts, and the checks of the credentials of open connections. */
export class Identity {
  readonly apiKeys: ApiKeys;
  readonly storedKeys: StoredKeys;
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  readonly authenticator: Authenticator;
  readonly consoleSignIns: ConsoleSignIns;
  readonly cookieSecrets: CookieSecrets;
  readonly guestsAllowed: boolean;
  readonly #expiry: CredentialExpiry;
  readonly #pace: Config["identityPace"];
  readonly #log: Logger;
  #revalidation: CredentialRevalidation | undefined;
  #connections: Iterable<Connection> = [];

  constructor(
    config: Pick<Config, "apiKeys" | "tokens" | "cookieSecrets" | "identityPace" | "guestsAllowed">,
    redis: RedisCommands,
    keys: Keys,
    publishCommand: "SPUBLISH" | "PUBLISH",
    log: Logger,
  ) {
    this.#pace = config.identityPace;
    this.#log = log;
    this.guestsAllowed = config.guestsAllowed;
    this.apiKeys = new ApiKeys(config.apiKeys);
    this.storedKeys = new StoredKeys(redis, keys);
    this.revocations = new Revocations({ redis, keys, publishCommand, log });
    this.sessions = new Sessions(redis, keys, this.revocations, log);
    this.cookieSecrets = new CookieSecrets(config.cookieSecrets, redis, keys, log);
    this.consoleSignIns = new ConsoleSignIns(redis, keys, this.apiKeys, this.storedKeys);
    this.authenticator = new Authenticator({
      apiKeys: this.apiKeys,
      storedKeys: this.storedKeys,
      sessions: this.sessions,
      tokens: new Tokens(config.tokens, config.identityPace.keySet, log),
      consoleSignIns: this.consoleSignIns,
      revocations: this.revocations,
      log,
    });
    this.#expiry = new CredentialExpiry(config.identityPace);
    this.revocations.onRevoked(() => {
      for (const connection of this.#connections) this.#closeIfRevoked(connection);
    });
  }

  /** @param connections the live connections of this node, whose credentials are watched */
  async start(connections: Iterable<Connection>, pace: Pace): Promise<void> {
    const { reviewMs, slideMs } = this.#pace;
    this.#connections = connections;
    this.#revalidation = new CredentialRevalidation(connections, this, slideMs, this.#log);
    await this.revocations.start(reviewMs, pace);
    await this.cookieSecrets.start(reviewMs, pace);
  }

  stop(): void {
    this.#expiry.stop();
    this.#revalidation?.stop();
    this.cookieSecrets.stop();
    this.revocations.stop();
  }

  /** Called when a connection has been authenticated, and again when its credentials change. */
  onCallerChanged(connection: Connection): void {
    this.#expiry.note(connection);
    // A revocation may have arrived between the check of the credential and this call.
    this.#closeIfRevoked(connection);
  }

  onConnectionClosed(connection: Connection): void {
    this.#expiry.forget(connection);
  }

  #closeIfRevoked(connection: Connection): void {
    if (this.revocations.covers(connection.caller)) connection.close("revoked");
  }
}
