import { GrandstandError } from "@grandstand/shared/errors";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import type { Logger } from "pino";
import { digestOf } from "./digest.js";

/** Callers wait while a key set is fetched, so its host must answer within this time. */
const TIMEOUT_MS = 2_000;
/** The largest key set that is accepted, in characters. */
const MAX_LENGTH = 1_048_576;

/** When a key set is fetched again, in ms. */
export interface KeySetPace {
  /** Within this time after a fetch, an unknown key causes no other fetch. */
  cooldownMs: number;
  /** After a failed request, the host gets no other request within this time. */
  failedMs: number;
  /**
   * When the set is older than this, the next token causes a fetch in the background. A key that the host has removed
   * stays valid until a fetch succeeds.
   */
  maxAgeMs: number;
}

/**
 * The public keys at a JWKS URL. The set is fetched when a token first needs it. A token with an unknown key causes
 * another fetch. An old set is fetched again in the background. Known keys stay valid while the host is unavailable.
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
      // Otherwise jose would wait for an unavailable host before it uses the keys that it has.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: this.#fetch,
    });
  }

  /** @throws {GrandstandError} `unavailable` when the set cannot be fetched; any other error means an unknown key */
  readonly keyFor: JWTVerifyGetKey = (header, token) => {
    this.refresh();
    return this.#set(header, token);
  };

  /** Changes whenever the set changes. A token verified with an earlier version has to be verified again. */
  get version(): number {
    return this.#version;
  }

  /** Fetches an old set in the background. */
  refresh(): void {
    const now = performance.now();
    const isOld = this.#loadedAt > 0 && now - this.#loadedAt > this.#pace.maxAgeMs && !this.#set.reloading;
    if (isOld && now - this.#failedAt > this.#pace.failedMs) this.#set.reload().catch(() => {});
  }

  readonly #fetch = async (url: string, options: RequestInit): Promise<Response> => {
    if (performance.now() - this.#failedAt < this.#pace.failedMs) throw this.#unavailable();
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`The host responded with status ${response.status}`);
      // jose's timeout (`TIMEOUT_MS`) also applies to the reading of the body.
      const text = await response.text();
      if (text.length > MAX_LENGTH) throw new Error("The key set is too long");
      const { keys } = JSON.parse(text) as { keys?: unknown };
      if (
        !Array.isArray(keys) ||
        !keys.every((key) => typeof key === "object" && key !== null && !Array.isArray(key))
      )
        throw new Error("The response is not a key set");
      this.#loadedAt = performance.now();
      const digest = digestOf(text);
      if (digest !== this.#digest) this.#version += 1;
      this.#digest = digest;
      return new Response(text);
    } catch (error) {
      this.#failedAt = performance.now();
      this.#log.warn({ err: error, host: this.#url.host }, "the key set could not be fetched");
      throw this.#unavailable(error);
    }
  };

  #unavailable(cause?: unknown): GrandstandError {
    return new GrandstandError("unavailable", "Tokens cannot be verified right now", {
      retryAfterMs: this.#pace.failedMs,
      cause,
    });
  }
}
