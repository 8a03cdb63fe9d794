import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { QuotaSettings } from "../config/limits.js";
import { LimitReached, type QuotaState } from "./limit-reached.js";

/** A node takes this share of a quota at once, so that it asks Redis at most this often in a window. */
const SHARES = 10;
/** Who is forgotten loses the points that the node holds for them, and never gains any. */
const MAX_REMEMBERED = 50_000;

/** What this node may give out to one of those who share its policy, without asking Redis. */
class Allowance implements QuotaState {
  left = 0;
  remainingElsewhere = 0;
  endsAtMs: number;
  /** Redis has no more until the window ends. */
  isLast = false;
  taking: Promise<void> | null = null;

  constructor(readonly policy: QuotaState["policy"]) {
    this.endsAtMs = Date.now() + policy.windowSeconds * 1_000;
  }

  get remaining(): number {
    return this.left + this.remainingElsewhere;
  }
}

/**
 * A quota of points in each window, shared by all nodes: a counter in Redis for each of those who have it. A window
 * begins with the first points that are spent and ends with the counter.
 *
 * Each node takes its points from Redis in blocks, a tenth of the quota at once, and spends them in memory: nearly
 * every call finds some. All nodes together never give out more than the quota; what a node took and did not need is
 * lost to the others until the window ends, so one who calls several nodes may be stopped by up to a tenth for each of
 * them too early. While Redis is away each node counts for itself.
 */
export class Quota {
  readonly #policy: QuotaState["policy"];
  readonly #purpose: string;
  readonly #blockPoints: number;
  readonly #limiter: RateLimiterRedis;
  readonly #keyOf: (whose: string) => string;
  readonly #allowances = new LRUCache<string, Allowance>({ max: MAX_REMEMBERED });

  /**
   * @param name of the policy, in headers and keys
   * @param purpose what it is for, in errors
   * @param keyOf the key of its counter in Redis
   */
  constructor(
    name: string,
    purpose: string,
    { points, windowSeconds }: QuotaSettings,
    redis: Redis,
    keyOf: (whose: string) => string,
  ) {
    this.#purpose = purpose;
    this.#policy = { name, points, windowSeconds };
    this.#blockPoints = Math.ceil(points / SHARES);
    const counted = { points, duration: windowSeconds, keyPrefix: "" };
    this.#limiter = new RateLimiterRedis({
      ...counted,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(counted),
    });
    this.#keyOf = keyOf;
  }

  /**
   * Spends points, or all of the quota when it has fewer. Answers at once where the node holds enough.
   * @throws {LimitReached} also as a rejection
   */
  spend(whose: string, cost: number): QuotaState | Promise<QuotaState> {
    const points = Math.min(cost, this.#policy.points);
    return this.#spendHeld(this.#allowanceOf(whose), points) ?? this.#spendTaken(whose, points);
  }

  /** @throws {LimitReached} when nothing is left, as far as this node knows. */
  check(whose: string): void {
    const allowance = this.#allowances.get(whose);
    if (allowance?.isLast && allowance.left === 0 && allowance.endsAtMs > Date.now())
      throw this.#reached(allowance);
  }

  /** Null when the node has to ask Redis. */
  #spendHeld(allowance: Allowance, points: number): QuotaState | null {
    if (allowance.left >= points) {
      allowance.left -= points;
      return allowance;
    }
    if (allowance.isLast) throw this.#reached(allowance);
    return null;
  }

  async #spendTaken(whose: string, points: number): Promise<QuotaState> {
    for (;;) {
      const allowance = this.#allowanceOf(whose);
      const quotaState = this.#spendHeld(allowance, points);
      if (quotaState !== null) return quotaState;
      // Calls that come meanwhile wait for the same block.
      allowance.taking ??= this.#take(whose, allowance, points).finally(() => {
        allowance.taking = null;
      });
      await allowance.taking;
    }
  }

  async #take(whose: string, allowance: Allowance, points: number): Promise<void> {
    const asked = Math.max(points, this.#blockPoints);
    const { consumedPoints, remainingPoints, msBeforeNext, isRefused } = await this.#consume(whose, asked);
    // Whoever passes the end of the quota gets what was left of it, and everyone later nothing: it adds up exactly.
    allowance.left += isRefused ? Math.max(0, this.#policy.points - (consumedPoints - asked)) : asked;
    allowance.isLast = isRefused;
    allowance.remainingElsewhere = remainingPoints;
    allowance.endsAtMs = Date.now() + msBeforeNext;
  }

  async #consume(whose: string, points: number) {
    try {
      const { consumedPoints, remainingPoints, msBeforeNext } = await this.#limiter.consume(
        this.#keyOf(whose),
        points,
      );
      return { consumedPoints, remainingPoints, msBeforeNext, isRefused: false };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const { consumedPoints, msBeforeNext } = refusal;
      return { consumedPoints, remainingPoints: 0, msBeforeNext, isRefused: true };
    }
  }

  #allowanceOf(whose: string): Allowance {
    const known = this.#allowances.get(whose);
    if (known && known.endsAtMs > Date.now()) return known;
    const fresh = new Allowance(this.#policy);
    this.#allowances.set(whose, fresh);
    return fresh;
  }

  #reached(allowance: Allowance): LimitReached {
    const { points, windowSeconds } = this.#policy;
    const limit = `of ${points} points in ${windowSeconds} s for ${this.#purpose}`;
    return new LimitReached(limit, allowance.endsAtMs - Date.now(), allowance);
  }
}
