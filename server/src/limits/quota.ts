import { LRUCache } from "lru-cache";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { QuotaSettings } from "../config/limits.js";
import type { RedisCommands } from "../redis/commands.js";
import { LimitReached, type QuotaState } from "./limit-reached.js";

/** A node takes a quota from Redis in this many blocks, so a window costs about this many calls to Redis. */
const BLOCKS = 10;
/**
 * How many allowances (class `Allowance`) a node keeps. The points of an evicted allowance are lost until the
 * window ends, so an eviction never gives a caller more than the quota.
 */
const MAX_ALLOWANCES = 50_000;

/** The points that this node has taken from Redis for one user, API key or address, to spend without calling Redis. */
class Allowance implements QuotaState {
  left = 0;
  remainingElsewhere = 0;
  endsAt: number;
  /** Redis has no more points until the window ends. */
  isLast = false;
  taking: Promise<void> | null = null;

  constructor(readonly policy: QuotaState["policy"]) {
    this.endsAt = performance.now() + policy.windowSeconds * 1_000;
  }

  get remaining(): number {
    return this.left + this.remainingElsewhere;
  }
}

/**
 * A number of points per window, shared by all nodes: one counter in Redis for each user, API key or address. A window
 * begins when the first points are spent and ends when the counter expires.
 *
 * A node takes points from Redis in blocks of a tenth of the quota and spends them in memory. All nodes together never
 * exceed the quota. Points that a node took and did not spend are lost until the window ends, so a caller of several nodes
 * may reach the limit early, by up to a tenth per node. During a Redis outage each node counts separately.
 */
export class Quota {
  readonly #policy: QuotaState["policy"];
  readonly #purpose: string;
  readonly #blockPoints: number;
  readonly #limiter: RateLimiterRedis;
  readonly #keyOf: (key: string) => string;
  readonly #allowances = new LRUCache<string, Allowance>({ max: MAX_ALLOWANCES });

  /**
   * @param name the name of the policy, in headers and keys
   * @param purpose what the quota counts, for errors
   * @param keyOf the key of a counter in Redis
   */
  constructor(
    name: string,
    purpose: string,
    { points, windowSeconds }: QuotaSettings,
    redis: RedisCommands,
    keyOf: (key: string) => string,
  ) {
    this.#purpose = purpose;
    this.#policy = { name, points, windowSeconds };
    this.#blockPoints = Math.ceil(points / BLOCKS);
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
   * Spends points. A cost above the quota spends the whole quota. Returns synchronously when the node has enough points left.
   * @throws {LimitReached} synchronously or as a rejection
   */
  spend(key: string, cost: number): QuotaState | Promise<QuotaState> {
    const points = Math.min(cost, this.#policy.points);
    return this.#spendHeld(this.#allowanceOf(key), points) ?? this.#spendTaken(key, points);
  }

  /** Spends points for what has happened already. When none are left, the next `spend` or `check` throws. */
  charge(key: string, cost: number): void {
    // `then` also catches what `spend` throws synchronously.
    void Promise.resolve()
      .then(() => this.spend(key, cost))
      .catch(() => {});
  }

  /** @throws {LimitReached} when no points are left, as far as this node knows */
  check(key: string): void {
    const allowance = this.#allowances.get(key);
    if (allowance?.isLast && allowance.left === 0 && allowance.endsAt > performance.now())
      throw this.#reached(allowance);
  }

  /** @returns null when the node has to call Redis */
  #spendHeld(allowance: Allowance, points: number): QuotaState | null {
    if (allowance.left >= points) {
      allowance.left -= points;
      return allowance;
    }
    if (allowance.isLast) throw this.#reached(allowance);
    return null;
  }

  async #spendTaken(key: string, points: number): Promise<QuotaState> {
    for (;;) {
      const allowance = this.#allowanceOf(key);
      const quotaState = this.#spendHeld(allowance, points);
      if (quotaState !== null) return quotaState;
      // Concurrent calls wait for the same block.
      allowance.taking ??= this.#take(key, allowance, points).finally(() => {
        allowance.taking = null;
      });
      await allowance.taking;
    }
  }

  async #take(key: string, allowance: Allowance, points: number): Promise<void> {
    const asked = Math.max(points, this.#blockPoints);
    const { consumedPoints, remainingPoints, msBeforeNext, isRefused } = await this.#consume(key, asked);
    // The first block that exceeds the quota gets the points that were left, and later blocks get none. So
    // all blocks together are exactly the quota.
    allowance.left += isRefused ? Math.max(0, this.#policy.points - (consumedPoints - asked)) : asked;
    allowance.isLast = isRefused;
    allowance.remainingElsewhere = remainingPoints;
    allowance.endsAt = performance.now() + msBeforeNext;
  }

  async #consume(key: string, points: number) {
    try {
      const { consumedPoints, remainingPoints, msBeforeNext } = await this.#limiter.consume(
        this.#keyOf(key),
        points,
      );
      return { consumedPoints, remainingPoints, msBeforeNext, isRefused: false };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const { consumedPoints, msBeforeNext } = refusal;
      return { consumedPoints, remainingPoints: 0, msBeforeNext, isRefused: true };
    }
  }

  #allowanceOf(key: string): Allowance {
    const known = this.#allowances.get(key);
    if (known && known.endsAt > performance.now()) return known;
    const fresh = new Allowance(this.#policy);
    this.#allowances.set(key, fresh);
    return fresh;
  }

  #reached(allowance: Allowance): LimitReached {
    const { name, points, windowSeconds } = this.#policy;
    const limit = `of ${points} points in ${windowSeconds} s for ${this.#purpose}`;
    return new LimitReached(name, limit, allowance.endsAt - performance.now(), allowance);
  }
}
