import type { Where } from "@grandstand/shared/operations/leaderboard/windows";
import { LRUCache } from "lru-cache";
import { defaultPlan, periodOf, type WindowPlan } from "./window-plan.js";

/** A season that a call reads or writes. */
export interface CachedSeason {
  window: string;
  season: string;
  /** When its period begins and ends, in ms. Null for a read that accepts a closed season. */
  period: { startsAtMs: number; endsAtMs: number | null } | null;
  /** Restricts a read to entries with this value of a metadata field. */
  where?: Where;
}

interface CachedBoard {
  plan: WindowPlan;
  /** By window: the id of its open season, which is a period's id with or without a suffix: `2026-W48.2`, `2026-W48`. */
  open: Map<string, string>;
  /** By window: a season that is open although it begins in the future, because Redis's clock was set back. */
  notBegun: Map<string, { season: string; beginsAtMs: number; endsAtMs: number | null }>;
}

/**
 * Caches each board's windows and open seasons, and how far Redis's clock is ahead. Thanks to the cache, most calls take
 * one round trip to Redis.
 * Every script checks what it receives from this cache (season.lua). A stale entry costs another round trip, but can't
 * cause a wrong read or write.
 */
export class SeasonCache {
  readonly #boards = new LRUCache<string, CachedBoard>({ max: 50_000 });
  readonly #clock: () => number;
  /** How many ms Redis's clock is ahead of this node's clock. Measured again when a script reports that it got a wrong time. */
  #aheadMs = 0;

  /** @param clock milliseconds since 1970 by this node's clock */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** An estimate of the current time by Redis's clock, in ms since 1970. */
  now(): number {
    return this.#clock() + this.#aheadMs;
  }

  refreshTime(redisNowMs: number): void {
    this.#aheadMs = redisNowMs - this.#clock();
  }

  plan(board: string): WindowPlan {
    return this.#boards.get(board)?.plan ?? defaultPlan;
  }

  refreshPlan(board: string, plan: WindowPlan): void {
    this.#boards.set(board, { plan, open: new Map(), notBegun: new Map() });
  }

  /** Caches an open season. `openSeason` returns it while its period lasts. */
  refreshOpen(board: string, window: string, season: string): void {
    const cached = this.#cached(board);
    cached.open.set(window, season);
    cached.notBegun.delete(window);
    this.#boards.set(board, cached);
  }

  /** Caches an open season that begins in the future. `openSeason` returns it before it begins and while its period lasts. */
  refreshNotBegun(
    board: string,
    window: string,
    season: { season: string; beginsAtMs: number; endsAtMs: number | null },
  ): void {
    const cached = this.#cached(board);
    cached.open.set(window, season.season);
    cached.notBegun.set(window, season);
    this.#boards.set(board, cached);
  }

  forget(board: string): void {
    this.#boards.delete(board);
  }

  /** @param window a window of the board's cached plan */
  openSeason(board: string, window: string): CachedSeason {
    const { plan, open, notBegun } = this.#cached(board);
    const later = notBegun.get(window);
    if (later && this.now() < later.beginsAtMs) {
      return { window, season: later.season, period: { startsAtMs: 0, endsAtMs: later.endsAtMs } };
    }
    const { id, startsAtMs, endsAtMs } = periodOf(plan, window, this.now());
    const cached = open.get(window);
    const season = cached !== undefined && periodIdOf(cached) === id ? cached : id;
    return { window, season, period: { startsAtMs, endsAtMs } };
  }

  #cached(board: string): CachedBoard {
    return this.#boards.get(board) ?? { plan: defaultPlan, open: new Map(), notBegun: new Map() };
  }
}

/** The id of a season's period: `2026-W48` for the season `2026-W48.2`, the second one of that period. */
export function periodIdOf(season: string): string {
  return season.split(".", 1)[0]!;
}
