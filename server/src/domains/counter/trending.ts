import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { GrowthKeys } from "../../redis/keys.js";
import { runScript } from "../../redis/positional-scripts.js";
import { forgetGrowthScript, noteGrowthScript, trendingScript } from "./scripts.js";

/** How often a node notes what counters grew by: for all of them together, and beside the way of their adds. */
const NOTE_EVERY_MS = 1_000;
/** Slots of the ring: twelve for an hour, the one under way, and one that is empty. See growth.lua. */
const SLOTS = 14;
/** How many counters each five minutes keep, those that grew most. It bounds what working out an hour costs. */
const COUNTERS_PER_SLOT = 5_000;
/** How many counters are told of in one script. */
const COUNTERS_PER_RUN = 1_000;
/** For how long an hour that was worked out serves all who ask. */
const HOUR_TTL_MS = 2_000;
/** How many ranks one script looks at in search of a prefix. */
const RANKS_PER_RUN = 1_000;

export interface Growth {
  counter: string;
  growth: number;
}

/**
 * Which counters grow most. They lie on many Cluster nodes and their ranking on one, so no script can write both: a
 * node notes growth once a second, after it has acknowledged it. So the ranking is a second behind, and what a killed
 * node had not noted yet is missing there, though never in the counters themselves.
 */
export class Trending {
  readonly #redis: Redis;
  readonly #keys: GrowthKeys;
  readonly #ring: string[];
  readonly #log: Logger;
  #noted = new Map<string, number>();

  constructor(redis: Redis, keys: GrowthKeys, log: Logger) {
    this.#redis = redis;
    this.#keys = keys;
    this.#ring = Array.from({ length: SLOTS }, (_, slot) => keys.during(slot));
    this.#log = log;
  }

  note(counter: string, growth: number): void {
    if (growth === 0) return;
    if (this.#noted.size === 0) setTimeout(() => this.#write(), NOTE_EVERY_MS).unref();
    this.#noted.set(counter, (this.#noted.get(counter) ?? 0) + growth);
  }

  /** @returns those that grew, the fastest first, at most `limit`. */
  async top(limit: number, prefix: string): Promise<Growth[]> {
    const found: Growth[] = [];
    const ranksPerRun = prefix === "" ? limit : RANKS_PER_RUN;
    for (let rank = 0; ; rank += ranksPerRun) {
      const flat = (await runScript(
        this.#redis,
        trendingScript,
        [this.#keys.hour, ...this.#ring],
        [HOUR_TTL_MS, rank, ranksPerRun],
      )) as string[];
      for (let at = 0; at < flat.length; at += 2) {
        // Steps that were taken back in between can sum up to more than any counter holds.
        const growth = Math.min(Math.round(Number(flat[at + 1])), Number.MAX_SAFE_INTEGER);
        // Those behind grew no more than that.
        if (growth <= 0 || found.length === limit) return found;
        if (flat[at]!.startsWith(prefix)) found.push({ counter: flat[at]!, growth });
      }
      if (flat.length < 2 * ranksPerRun) return found;
    }
  }

  /** What was deleted grows no more. */
  async forget(counter: string): Promise<void> {
    this.#noted.delete(counter);
    await runScript(this.#redis, forgetGrowthScript, [this.#keys.hour, ...this.#ring], [counter]);
  }

  #write(): void {
    const noted = [...this.#noted];
    this.#noted = new Map();
    for (let from = 0; from < noted.length; from += COUNTERS_PER_RUN) {
      const args = noted
        .slice(from, from + COUNTERS_PER_RUN)
        .flatMap(([counter, growth]) => [growth, counter]);
      runScript(this.#redis, noteGrowthScript, this.#ring, [COUNTERS_PER_SLOT, ...args]).catch(
        (error: unknown) => this.#log.warn({ err: error }, "noting what counters grew by failed"),
      );
    }
  }
}
