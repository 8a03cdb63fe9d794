import { randomBytes } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { Keys } from "../redis/keys.js";

/** No cookie outlives a browser's patience; each node moves the end of the secret away. */
const TTL_MS = 2 * limits.sessionTtlMs.most;
/** Those from before data was lost, whose cookies a browser may send still. */
const MOST_FORMER = 2;

/**
 * What signs cookies: the secrets of the settings, or one that all nodes share in Redis. That lies open there, and may: a
 * signature spares look-ups, and what makes a cookie valid is the token in it, of which Redis has the digest only. Where
 * Redis lost it, the first node to look puts its own there, and the others take that up.
 */
export class CookieSecrets {
  readonly #isShared: boolean;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #log: Logger;
  #all: readonly string[];
  #reviews: NodeJS.Timeout | undefined;

  /** @param configured null for a shared one */
  constructor(configured: readonly string[] | null, redis: Redis, keys: Keys, log: Logger) {
    this.#isShared = configured === null;
    this.#all = configured ?? [];
    this.#redis = redis;
    this.#key = keys.identity.cookieSecret;
    this.#log = log;
  }

  /** The first one signs, all are accepted. Another array whenever they change. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** @param reviewMs how often to look whether the nodes still share theirs */
  async start(reviewMs: number): Promise<void> {
    if (!this.#isShared) return;
    await this.#agree();
    this.#reviews = setInterval(() => {
      this.#agree().catch((error: unknown) =>
        this.#log.warn({ err: error }, "the secret that signs cookies could not be read; reading it again"),
      );
    }, reviewMs);
  }

  stop(): void {
    clearInterval(this.#reviews);
  }

  async #agree(): Promise<void> {
    const own = this.#all[0] ?? randomBytes(32).toString("base64url");
    const answers = await this.#redis
      .multi()
      .set(this.#key, own, "PX", TTL_MS, "NX")
      .pexpire(this.#key, TTL_MS)
      .get(this.#key)
      .exec();
    const [error, shared] = answers?.[2] ?? [];
    if (error || typeof shared !== "string") throw error ?? new Error(`Redis does not keep ${this.#key}`);
    if (shared === this.#all[0]) return;
    const former = this.#all.filter((secret) => secret !== shared);
    this.#all = [shared, ...former.slice(0, MOST_FORMER)];
  }
}
