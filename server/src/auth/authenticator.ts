import { GrandstandError } from "@grandstand/shared/errors";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { type Caller, credentialOf, leftMsOf } from "../core/caller.js";
import { isRedisUnavailable } from "../redis/faults.js";
import type { ApiKeys } from "./api-keys.js";
import { ConsoleSignIns } from "./console-sign-ins.js";
import { digestOf } from "./digest.js";
import { refused } from "./refused.js";
import type { Revocations } from "./revocations.js";
import { Sessions } from "./sessions.js";
import { KEY_SECRET_PREFIX, type StoredKeys } from "./stored-keys.js";
import { EXPIRY_TOLERANCE_MS, Tokens } from "./tokens.js";

/** Longer tokens are refused without hashing. Tokens of Grandstand and of identity providers are shorter. */
const MAX_TOKEN_LENGTH = 8_192;
/**
 * How long a node caches a caller. A revocation makes the entry invalid at once, unless the node misses the notice of the
 * revocation.
 */
const CACHE_TTL_MS = 10_000;

/** Identifies the caller of a token. */
export class Authenticator {
  readonly #apiKeys: ApiKeys;
  readonly #storedKeys: StoredKeys;
  readonly #sessions: Sessions;
  readonly #tokens: Tokens;
  readonly #consoleSignIns: ConsoleSignIns;
  readonly #revocations: Revocations;
  readonly #log: Logger;
  /** Callers by the digest of their token. */
  readonly #cache = new LRUCache<string, Caller>({ max: 50_000, ttl: CACHE_TTL_MS });

  constructor(options: {
    apiKeys: ApiKeys;
    storedKeys: StoredKeys;
    sessions: Sessions;
    tokens: Tokens;
    consoleSignIns: ConsoleSignIns;
    revocations: Revocations;
    log: Logger;
  }) {
    this.#apiKeys = options.apiKeys;
    this.#storedKeys = options.storedKeys;
    this.#sessions = options.sessions;
    this.#tokens = options.tokens;
    this.#consoleSignIns = options.consoleSignIns;
    this.#revocations = options.revocations;
    this.#log = options.log;
  }

  /**
   * Identifies the caller of one call. Uses the cache.
   * @param token null when no credential was presented
   * @throws {GrandstandError} `unauthenticated` when the token is invalid, `unavailable` when it cannot be checked now
   */
  async identify(token: string | null): Promise<Caller> {
    if (token === null) return { kind: "nobody" };
    const digest = this.#digestOf(token);
    const cached = this.#cache.get(digest);
    if (cached && !hasEnded(cached) && !this.#revocations.covers(cached)) return cached;
    return this.#read(token, digest);
  }

  /** Identifies the caller of a connection, without the cache. A connection needs a credential. */
  async identifyConnection(token: string | null): Promise<Caller> {
    if (token === null) throw new GrandstandError("unauthenticated", "A token is required");
    return this.#read(token, this.#digestOf(token));
  }

  /**
   * Asks Redis whether a cached caller's credential is still valid. An API key must still exist; a user must not have been
   * revoked. A handler calls this after it has created something that outlives the credential, because the credential may
   * have been revoked meanwhile.
   * @throws {GrandstandError} `unauthenticated` when the credential expired or was revoked
   */
  async confirm(caller: Caller): Promise<void> {
    if (hasEnded(caller) || this.#revocations.covers(caller) || !(await this.#isStillValid(caller)))
      throw refused();
  }

  async #isStillValid(caller: Caller): Promise<boolean> {
    const credential = credentialOf(caller);
    if (credential === undefined) return true;
    const { id, issuedAt } = credential;
    if (caller.kind === "user") return !(await this.#revocations.isRevoked(caller.user.id, issuedAt));
    const digest = id.slice("key:".length);
    return this.#apiKeys.callerOf(digest) !== null || (await this.#storedKeys.callerOf(digest)) !== null;
  }

  #digestOf(token: string): string {
    if (token.length <= MAX_TOKEN_LENGTH) return digestOf(token);
    throw refused();
  }

  async #read(token: string, digest: string): Promise<Caller> {
    const caller = await this.#callerOf(token, digest);
    if (caller === null || hasEnded(caller)) throw refused();
    if (this.#revocations.covers(caller)) {
      this.#endSession(caller);
      throw refused();
    }
    this.#cache.set(digest, caller);
    return caller;
  }

  async #callerOf(token: string, digest: string): Promise<Caller | null> {
    const caller = this.#apiKeys.callerOf(digest) ?? (await this.#issuedCallerOf(token, digest));
    if (caller?.kind !== "user" || !caller.credential) return caller;
    const isRevoked = await this.#revocations.isRevoked(caller.user.id, caller.credential.issuedAt);
    if (!isRevoked) return caller;
    this.#endSession(caller);
    return null;
  }

  /**
   * Deletes a revoked session. If the session stayed, each use would renew it. Redis forgets the revocation after some
   * time, and the session would then be valid again.
   */
  #endSession(caller: Caller): void {
    if (caller.kind !== "user" || !caller.credential?.id.startsWith("session:")) return;
    const id = caller.credential.id.slice("session:".length);
    this.#sessions
      .end(caller.user.id, id)
      .catch((error: unknown) => this.#log.warn({ err: error }, "a revoked session could not be deleted"));
  }

  /** The caller of a credential that is not a key of GRANDSTAND_API_KEYS. */
  async #issuedCallerOf(token: string, digest: string): Promise<Caller | null> {
    if (Sessions.isToken(token)) return this.#sessions.use(digest);
    if (token.startsWith(KEY_SECRET_PREFIX)) return this.#storedKeys.callerOf(digest);
    if (ConsoleSignIns.isToken(token)) return this.#consoleSignIns.callerOfAccess(digest);
    if (!Tokens.isToken(token)) return null;
    try {
      return await this.#tokens.callerOf(token, digest);
    } catch (error) {
      if (error instanceof GrandstandError || isRedisUnavailable(error)) throw error;
      // The reason helps those who configure tokens. The caller does not learn it.
      this.#log.debug(
        { reason: error instanceof Error ? error.message : String(error) },
        "a token was refused",
      );
      return null;
    }
  }
}

function hasEnded(caller: Caller): boolean {
  const leftMs = leftMsOf(caller);
  return leftMs !== null && leftMs <= -EXPIRY_TOLERANCE_MS;
}
