import { randomBytes } from "node:crypto";
import { coversScope } from "@grandstand/shared/rights";
import { CONSOLE_TOKEN_PREFIX } from "../config/api-keys.js";
import { type Caller, credentialOf } from "../core/caller.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { runScript, scriptsOf } from "../redis/scripts.js";
import type { ApiKeys } from "./api-keys.js";
import { digestOf } from "./digest.js";
import type { StoredKeys } from "./stored-keys.js";

const beginScript = scriptsOf(import.meta.url, { keys: ["record"] })("begin-console", {
  args: ["key", "signIn", "ttlMs"],
});

/** How long an operator stays signed in. */
const SIGN_IN_TTL_MS = 12 * 3_600_000;
/** How long an access token is valid. The page gets the next token before the current one expires. */
const ACCESS_TTL_MS = 10 * 60_000;
/** How long a node caches whether there is a key that can sign in. */
const KEYS_TTL_MS = 10_000;
/** The scope that an API key needs to sign in. */
const SCOPE = "admin:read";

type ServerCaller = Caller & { kind: "server" };

export interface ConsoleToken {
  token: string;
  endsAtMs: number;
}

/**
 * Operators who signed in to the console with an API key. Their browser keeps the token of the sign-in in a
 * cookie that scripts can't read, and exchanges it for short-lived access tokens. An access token has the
 * scopes of the key, and ends when the sign-in or the key ends. For up to 10 s after a sign-out, a node may
 * still accept an access token from the cache of `Authenticator`. Redis stores digests of tokens only.
 */
export class ConsoleSignIns {
  readonly #redis: RedisCommands;
  readonly #keys: Keys;
  readonly #apiKeys: ApiKeys;
  readonly #storedKeys: StoredKeys;
  #enabled: { value: Promise<boolean>; until: number } | null = null;

  constructor(redis: RedisCommands, keys: Keys, apiKeys: ApiKeys, storedKeys: StoredKeys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#apiKeys = apiKeys;
    this.#storedKeys = storedKeys;
  }

  static isToken(token: string): boolean {
    return token.startsWith(CONSOLE_TOKEN_PREFIX);
  }

  /** Whether an API key exists that can sign in. A key in the settings has all scopes. */
  isEnabled(): Promise<boolean> {
    if (this.#apiKeys.size > 0) return Promise.resolve(true);
    const now = performance.now();
    if (this.#enabled === null || this.#enabled.until < now) {
      const value = this.#storedKeys
        .list()
        .then((keys) => keys.some(({ scopes }) => coversScope(scopes, SCOPE)));
      value.catch(() => {
        this.#enabled = null;
      });
      this.#enabled = { value, until: now + KEYS_TTL_MS };
    }
    return this.#enabled.value;
  }

  /** Whether this caller may sign in. */
  static maySignIn({ scopes = ["*"] }: ServerCaller): boolean {
    return coversScope(scopes, SCOPE);
  }

  /** Begins a sign-in with the API key of `caller`. */
  async begin(caller: ServerCaller): Promise<ConsoleToken> {
    return this.#store(keyIdOf(caller), "", SIGN_IN_TTL_MS);
  }

  /** The API key of a sign-in; null when the sign-in ended, or when the key no longer exists. */
  async callerOf(signInToken: string): Promise<ServerCaller | null> {
    const signIn = await this.#read(digestOf(signInToken));
    return signIn === null || signIn.signIn !== "" ? null : this.#callerOfKey(signIn.key);
  }

  /** A short-lived token for the calls of a signed-in operator; null when the sign-in ended. */
  async access(signInToken: string): Promise<ConsoleToken | null> {
    const caller = await this.callerOf(signInToken);
    return caller === null ? null : this.#store(keyIdOf(caller), digestOf(signInToken), ACCESS_TTL_MS);
  }

  async end(signInToken: string): Promise<void> {
    await this.#redis.unlink(this.#keys.consoleCredential(digestOf(signInToken)));
  }

  /**
   * The caller of an access token; null for any other token, and when the token, its sign-in or its key has
   * ended.
   */
  async callerOfAccess(digest: string): Promise<ServerCaller | null> {
    const access = await this.#read(digest);
    if (access === null || access.signIn === "") return null;
    if ((await this.#read(access.signIn)) === null) return null;
    const caller = await this.#callerOfKey(access.key);
    if (caller === null) return null;
    const keyEndsAt = caller.credential?.expiresAt ?? null;
    const expiresAt = keyEndsAt === null ? access.endsAt : Math.min(keyEndsAt, access.endsAt);
    return { ...caller, isOperator: true, credential: { ...caller.credential!, expiresAt } };
  }

  async #callerOfKey(digest: string): Promise<ServerCaller | null> {
    const caller = this.#apiKeys.callerOf(digest) ?? (await this.#storedKeys.callerOf(digest));
    return caller?.kind === "server" && ConsoleSignIns.maySignIn(caller) ? caller : null;
  }

  async #store(key: string, signIn: string, ttlMs: number): Promise<ConsoleToken> {
    const token = CONSOLE_TOKEN_PREFIX + randomBytes(32).toString("base64url");
    const record = this.#keys.consoleCredential(digestOf(token));
    const endsAt = await runScript(this.#redis, beginScript, { record }, { key, signIn, ttlMs });
    return { token, endsAtMs: Number(endsAt) };
  }

  async #read(digest: string): Promise<{ key: string; signIn: string; endsAt: number } | null> {
    const record = this.#keys.consoleCredential(digest);
    const [key, signIn, endsAt] = await this.#redis.hmget(record, "key", "signIn", "endsAt");
    return key ? { key, signIn: signIn ?? "", endsAt: Number(endsAt) } : null;
  }
}

/** The digest of an API key's secret. */
function keyIdOf(caller: ServerCaller): string {
  return credentialOf(caller)!.id.slice("key:".length);
}
