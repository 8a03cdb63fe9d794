import type { Logger } from "pino";
import type { RedisCommands } from "../../redis/commands.js";
import type { GrowthKeys } from "../../redis/keys.js";
import { runScript } from "../../redis/scripts.js";
import { forgetGrowthScript, noteGrowthScript, trendingScript } from "./scripts.js";

/** How often a node writes the collected growth to Redis. */
const RECORD_INTERVAL_MS = 1_000;
/**
 * How many slots the ring has (growth.lua). A slot has the growth of five minutes. The ring consists of the current slot,
 * twelve earlier slots for the last hour, and a slot that has expired.
 */
const SLOTS = 14;
/** How many counters a slot keeps: those that grew most. This bounds the cost of the sum over an hour's slots. */
const COUNTERS_PER_SLOT = 5_000;
/** How many counters one run of note-growth.lua records. */
const COUNTERS_PER_RUN = 1_000;
/** How long Redis caches the sum over the hour's slots, for all readers. */
const HOUR_TTL_MS = 2_000;
/** How many ranks one run of trending.lua reads when the search is for a prefix. */
const RANKS_PER_RUN = 1_000;

export interface Growth {
  counter: string;
  growth: number;
}

/**
 * The ranking of counters by growth. A Redis Cluster may keep a counter and the ranking on different servers, so no
 * script can write both. Each node therefore acknowledges adds first, and writes their growth to the ranking once a
 * second. If a node stops or the write fails, the ranking lacks up to a second of growth; the counters lack nothing.
 */
export class Trending {
  readonly #redis: RedisCommands;
  readonly #keys: GrowthKeys;
  readonly #ring: { growth: string }[];
  readonly #log: Logger;
  #unrecorded = new Map<string, number>();

  constructor(redis: RedisCommands, keys: GrowthKeys, log: Logger) {
    this.#redis = redis;
    this.#keys = keys;
    this.#ring = Array.from({ length: SLOTS }, (_, slot) => ({ growth: keys.during(slot) }));
    this.#log = log;
  }

  note(counter: string, growth: number): void {
    if (growth === 0) return;
    if (this.#unrecorded.size === 0) setTimeout(() => this.#write(), RECORD_INTERVAL_MS).unref();
    this.#unrecorded.set(counter, (this.#unrecorded.get(counter) ?? 0) + growth);
  }

  /** @returns at most `limit` counters that grew, the fastest first */
  async top(limit: number, prefix: string): Promise<Growth[]> {
    const found: Growth[] = [];
    const ranksPerRun = prefix === "" ? limit : RANKS_PER_RUN;
    for (let rank = 0; ; rank += ranksPerRun) {
      const flat = (await runScript(this.#redis, trendingScript, this.#scriptKeys, {
        hourTtlMs: HOUR_TTL_MS,
        firstRank: rank,
        limit: ranksPerRun,
      })) as string[];
      for (let at = 0; at < flat.length; at += 2) {
        // A reset does not lower the growth. So a counter that was reset may have grown by more than MAX_SAFE_INTEGER, the
        // largest value of a counter.
        const growth = Math.min(Math.round(Number(flat[at + 1])), Number.MAX_SAFE_INTEGER);
        // The counters after this one did not grow more.
        if (growth <= 0 || found.length === limit) return found;
        if (flat[at]!.startsWith(prefix)) found.push({ counter: flat[at]!, growth });
      }
      if (flat.length < 2 * ranksPerRun) return found;
    }
  }

  /** Removes a deleted counter from the ranking. */
  async forget(counter: string): Promise<void> {
    this.#unrecorded.delete(counter);
    await runScript(this.#redis, forgetGrowthScript, this.#scriptKeys, { counter });
  }

  get #scriptKeys() {
    return { hour: this.#keys.hour, slots: this.#ring };
  }

  #write(): void {
    const unrecorded = [...this.#unrecorded];
    this.#unrecorded = new Map();
    for (let from = 0; from < unrecorded.length; from += COUNTERS_PER_RUN) {
      const counters = unrecorded
        .slice(from, from + COUNTERS_PER_RUN)
        .map(([counter, growth]) => ({ counter, growth }));
      const args = { maxCounters: COUNTERS_PER_SLOT, counters };
      runScript(this.#redis, noteGrowthScript, this.#scriptKeys, args).catch((error: unknown) =>
        this.#log.warn({ err: error }, "Recording the growth of counters failed"),
      );
    }
  }
}
