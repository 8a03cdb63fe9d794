import { randomBytes } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Logger } from "pino";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import type { Pace } from "../redis/pace.js";

/** How long Redis keeps the shared secret: longer than any cookie lives. Each node renews this TTL. */
const TTL_MS = 2 * limits.sessionTtlMs.most;
/** How often an idle node checks that the nodes share their secret. */
const IDLE_REVIEW_MS = 600_000;
/** How many earlier secrets stay valid, for cookies signed before Redis lost its data. */
const MAX_FORMER = 2;

/**
 * The secrets that sign cookies: those in the settings, or one that all nodes share in Redis. The shared
 * secret is in Redis as plain text. This is safe, because the signature does not authenticate: it only lets a
 * node refuse a forged cookie without a lookup. The token in the cookie authenticates, and Redis has only the
 * token's digest. When Redis loses the secret, the first node that notices stores its own copy, and the other nodes adopt it.
 */
export class CookieSecrets {
  readonly #isShared: boolean;
  readonly #redis: RedisCommands;
  readonly #key: string;
  readonly #log: Logger;
  #all: readonly string[];
  #stopReviews = () => {};

  /** @param configured null for a shared secret */
  constructor(configured: readonly string[] | null, redis: RedisCommands, keys: Keys, log: Logger) {
    this.#isShared = configured === null;
    this.#all = configured ?? [];
    this.#redis = redis;
    this.#key = keys.identity.cookieSecret;
    this.#log = log;
  }

  /** The first secret signs cookies; signatures by any of the secrets are accepted. Each change creates a new array. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** @param reviewMs how often to check that the nodes still share their secret */
  async start(reviewMs: number, pace: Pace): Promise<void> {
    if (!this.#isShared) return;
    await this.#agree();
    this.#stopReviews = pace.every({ ms: reviewMs, idleMs: Math.max(reviewMs, IDLE_REVIEW_MS) }, () =>
      this.#agree().catch((error: unknown) =>
        this.#log.warn(
          { err: error },
          "the secret that signs cookies could not be read; the node tries again",
        ),
      ),
    );
  }

  stop(): void {
    this.#stopReviews();
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
    this.#all = [shared, ...former.slice(0, MAX_FORMER)];
  }
}
