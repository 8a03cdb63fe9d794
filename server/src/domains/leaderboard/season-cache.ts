import type { Where } from "@grandstand/shared/operations/leaderboard/windows";
import { LRUCache } from "lru-cache";
import { defaultPlan, periodOf, type WindowPlan } from "./window-plan.js";

/** A season that a call reads or writes. Its keys follow from window and season. */
export interface CachedSeason {
  window: string;
  season: string;
  /** When its period begins and ends in ms; null for a season that need not be open. */
  period: { startsAtMs: number; endsAtMs: number | null } | null;
  /** Only the entries with this value of a metadata field. */
  where?: Where;
}

interface CachedBoard {
  plan: WindowPlan;
  /** The open season by window, where its id may differ from its period. */
  open: Map<string, string>;
  /** The open season by window, while it has not begun: Redis's clock was set back. */
  notBegun: Map<string, { season: string; beginsAtMs: number; endsAtMs: number | null }>;
}

/**
 * What a node remembers of boards, so that a call takes one round trip: their windows, their open seasons, and the offset of
 * Redis's clock. Every script checks it (season.lua), and a stale entry costs another round trip and nothing else.
 */
export class SeasonCache {
  readonly #boards = new LRUCache<string, CachedBoard>({ max: 50_000 });
  readonly #clock: () => number;
  /** By how much Redis's clock is ahead of this node's. */
  #aheadMs = 0;

  /** @param clock milliseconds since 1970 by this node's clock */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** The time in Redis. */
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

  /** Remembers an open season. It is used as long as its period lasts. */
  refreshOpen(board: string, window: string, season: string): void {
    const cached = this.#cached(board);
    cached.open.set(window, season);
    cached.notBegun.delete(window);
    this.#boards.set(board, cached);
  }

  /** Remembers an open season that begins later by Redis's clock. It stays open until then and through its period. */
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

  /** @param window one of the board's plan */
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

/** The period in a season's id, without the number of a later season in the same period. */
export function periodIdOf(season: string): string {
  return season.split(".", 1)[0]!;
}
