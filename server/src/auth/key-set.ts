import { GrandstandError } from "@grandstand/shared/errors";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import type { Logger } from "pino";
import { digestOf } from "./digest.js";

/** How long the host of a key set may take to answer: callers wait for it. */
const TIMEOUT_MS = 2_000;
/** No host has a set of keys as large as this. */
const MAX_LENGTH = 1_048_576;

/** The pace of asking, in ms. */
export interface KeySetPace {
  /** The set is not asked for again within this time because of a key that it does not have. */
  cooldownMs: number;
  /** A host that failed is left alone for this long. */
  failedMs: number;
  /** Keys that are no longer in the set are known for this long. */
  maxAgeMs: number;
}

/**
 * The public keys at a JWKS URL. The set is fetched when a token first needs it, again for a key that it does not have,
 * and beside other work when it is old: keys that are known go on working while the host is away.
 */
export class KeySet {
  readonly #url: URL;
  readonly #pace: KeySetPace;
  readonly #log: Logger;
  readonly #set: ReturnType<typeof createRemoteJWKSet>;
  #loadedAt = 0;
  #digest = "";
  #version = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(url: URL, pace: KeySetPace, log: Logger) {
    this.#url = url;
    this.#pace = pace;
    this.#log = log;
    this.#set = createRemoteJWKSet(url, {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: pace.cooldownMs,
      // jose would wait for a host that is away before it looks at keys that it has.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: this.#fetch,
    });
  }

  /** @throws {GrandstandError} `unavailable` when the set is needed and can't be had; any other error: no such key. */
  readonly keyFor: JWTVerifyGetKey = (header, token) => {
    this.refresh();
    return this.#set(header, token);
  };

  /** Another one whenever the set is: what was checked with the one before has to be checked anew. */
  get version(): number {
    return this.#version;
  }

  /** Fetches the set beside other work where it is old. */
  refresh(): void {
    const now = performance.now();
    const isOld = this.#loadedAt > 0 && now - this.#loadedAt > this.#pace.maxAgeMs && !this.#set.reloading;
    if (isOld && now - this.#failedAt > this.#pace.failedMs) this.#set.reload().catch(() => {});
  }

  readonly #fetch = async (url: string, options: RequestInit): Promise<Response> => {
    if (performance.now() - this.#failedAt < this.#pace.failedMs) throw this.#away();
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`The answer has status ${response.status}`);
      // The time is for the whole answer.
      const text = await response.text();
      if (text.length > MAX_LENGTH) throw new Error("The answer is too long");
      const { keys } = JSON.parse(text) as { keys?: unknown };
      if (!Array.isArray(keys)) throw new Error("The answer is no key set");
      this.#loadedAt = performance.now();
      const digest = digestOf(text);
      if (digest !== this.#digest) this.#version += 1;
      this.#digest = digest;
      return new Response(text);
    } catch (error) {
      this.#failedAt = performance.now();
      this.#log.warn({ err: error, host: this.#url.host }, "the key set could not be had");
      throw this.#away(error);
    }
  };

  #away(cause?: unknown): GrandstandError {
    return new GrandstandError("unavailable", "Tokens can't be checked right now", {
      retryAfterMs: this.#pace.failedMs,
      cause,
    });
  }
}
