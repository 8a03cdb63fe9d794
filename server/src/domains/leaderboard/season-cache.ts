import { LRUCache } from "lru-cache";
import { periodOf, planOf, type WindowPlan } from "./window-plan.js";

/** A season that a call reads or writes. Its keys follow from window and season. */
export interface CachedSeason {
  window: string;
  season: string;
  /** When its period begins and ends in ms; null for a season that need not be open. */
  period: { startsAtMs: number; endsAtMs: number | null } | null;
}

interface CachedBoard {
  plan: WindowPlan;
  /** The open season by window, where its id may differ from its period. */
  open: Map<string, string>;
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
    this.#boards.set(board, { plan, open: new Map() });
  }

  /** Remembers an open season. It is used as long as its period lasts. */
  refreshOpen(board: string, window: string, season: string): void {
    const cached = this.#boards.get(board) ?? { plan: defaultPlan, open: new Map() };
    cached.open.set(window, season);
    this.#boards.set(board, cached);
  }

  forget(board: string): void {
    this.#boards.delete(board);
  }

  /** @param window one of the board's plan */
  openSeason(board: string, window: string): CachedSeason {
    const { plan, open } = this.#boards.get(board) ?? { plan: defaultPlan, open: null };
    const { id, startsAtMs, endsAtMs } = periodOf(plan, window, this.now());
    const cached = open?.get(window);
    const season = cached !== undefined && periodIdOf(cached) === id ? cached : id;
    return { window, season, period: { startsAtMs, endsAtMs } };
  }
}

/** The period in a season's id, without the number of a later season in the same period. */
export function periodIdOf(season: string): string {
  return season.split(".", 1)[0]!;
}

/** The plan of most boards. */
const defaultPlan = planOf(["all"], "UTC");
