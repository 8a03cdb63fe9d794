import { GrandstandError } from "@grandstand/shared/errors";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { type Caller, credentialOf, endOf } from "../core/caller.js";
import { isRedisAway } from "../redis/faults.js";
import type { ApiKeys } from "./api-keys.js";
import { digestOf } from "./digest.js";
import { refused } from "./refused.js";
import type { Revocations } from "./revocations.js";
import { Sessions } from "./sessions.js";
import { KEY_SECRET_PREFIX, type StoredKeys } from "./stored-keys.js";
import { Tokens } from "./tokens.js";

/** Longer than any token that we or an identity provider issue; anything above is not worth hashing. */
const MAX_TOKEN_LENGTH = 8_192;
/** How long a node believes what it read. What is revoked is dropped at once, unless the notice was missed. */
const BELIEVED_MS = 10_000;

/** Clocks differ; a token that just ended is let through, as its signature's check does. */
const CLOCK_TOLERANCE_MS = 5_000;

/** Says who presents a token. */
export class Authenticator {
  readonly #apiKeys: ApiKeys;
  readonly #storedKeys: StoredKeys;
  readonly #sessions: Sessions;
  readonly #tokens: Tokens;
  readonly #revocations: Revocations;
  readonly #log: Logger;
  /** By the digest of the token. */
  readonly #believed = new LRUCache<string, Caller>({ max: 50_000, ttl: BELIEVED_MS });

  constructor(options: {
    apiKeys: ApiKeys;
    storedKeys: StoredKeys;
    sessions: Sessions;
    tokens: Tokens;
    revocations: Revocations;
    log: Logger;
  }) {
    this.#apiKeys = options.apiKeys;
    this.#storedKeys = options.storedKeys;
    this.#sessions = options.sessions;
    this.#tokens = options.tokens;
    this.#revocations = options.revocations;
    this.#log = options.log;
  }

  /**
   * Who makes one call of many.
   * @param token null when no credentials were presented.
   * @throws {GrandstandError} `unauthenticated` when the token is not valid, `unavailable` when that can't be told now.
   */
  async identify(token: string | null): Promise<Caller> {
    if (token === null) return { kind: "nobody" };
    const digest = this.#digestOf(token);
    const believed = this.#believed.get(digest);
    if (believed && !hasEnded(believed) && !this.#revocations.covers(believed)) return believed;
    return this.#read(token, digest);
  }

  /** Who opens a connection, or goes on with one, which happens once for many calls, and needs credentials. */
  async identifyConnection(token: string | null): Promise<Caller> {
    if (token === null) throw new GrandstandError("unauthenticated", "A token is needed");
    return this.#read(token, this.#digestOf(token));
  }

  /**
   * Asks Redis whether a caller who was believed still is who it was: for what outlives the credentials that it was
   * called with.
   * @throws {GrandstandError} `unauthenticated` when its credentials ended or were revoked.
   */
  async confirm(caller: Caller): Promise<void> {
    if (hasEnded(caller) || this.#revocations.covers(caller) || !(await this.#isStillKnown(caller)))
      throw refused();
  }

  async #isStillKnown(caller: Caller): Promise<boolean> {
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
    this.#believed.set(digest, caller);
    return caller;
  }

  async #callerOf(token: string, digest: string): Promise<Caller | null> {
    const caller = this.#apiKeys.callerOf(digest) ?? (await this.#unsettledCallerOf(token, digest));
    if (caller?.kind !== "user" || !caller.credential) return caller;
    const isRevoked = await this.#revocations.isRevoked(caller.user.id, caller.credential.issuedAt);
    if (!isRevoked) return caller;
    this.#endSession(caller);
    return null;
  }

  /** One that was revoked, and is still there: each use would move its end, and a revocation is forgotten some day. */
  #endSession(caller: Caller): void {
    if (caller.kind !== "user" || !caller.credential?.id.startsWith("session:")) return;
    const id = caller.credential.id.slice("session:".length);
    this.#sessions
      .end(caller.user.id, id)
      .catch((error: unknown) => this.#log.warn({ err: error }, "a revoked session could not be ended"));
  }

  /** Of whoever is not in the settings. */
  async #unsettledCallerOf(token: string, digest: string): Promise<Caller | null> {
    if (Sessions.isToken(token)) return this.#sessions.use(digest);
    if (token.startsWith(KEY_SECRET_PREFIX)) return this.#storedKeys.callerOf(digest);
    if (!Tokens.isToken(token)) return null;
    try {
      return await this.#tokens.callerOf(token, digest);
    } catch (error) {
      if (error instanceof GrandstandError || isRedisAway(error)) throw error;
      // For whoever sets this up; the caller learns nothing from it.
      this.#log.debug(
        { reason: error instanceof Error ? error.message : String(error) },
        "a token was refused",
      );
      return null;
    }
  }
}

function hasEnded(caller: Caller): boolean {
  const expiresAt = endOf(caller);
  return expiresAt !== null && expiresAt + CLOCK_TOLERANCE_MS <= Date.now();
}
