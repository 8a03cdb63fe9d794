import { LRUCache } from "lru-cache";
import { type Plan, periodOf, planOf } from "./plan.js";

/** A season as a node takes it to be, and its keys would tell. */
export interface CachedSeason {
  window: string;
  season: string;
  /** When its period begins and ends in milliseconds; null for a season that need not be open. */
  period: { startsAtMs: number; endsAtMs: number | null } | null;
}

/** What this node believes of one board. */
interface CachedBoard {
  plan: Plan;
  /** The open season by window, where it is not known to be named as its period. */
  open: Map<string, string>;
}

/**
 * What a node believes of boards, so that a call needs one round trip: their plans, their open seasons, and what time it
 * is in Redis. Every script checks it (season.lua), and where it is wrong says what is so, changing nothing.
 */
export class SeasonCache {
  readonly #boards = new LRUCache<string, CachedBoard>({ max: 50_000 });
  readonly #clock: () => number;
  /** How far Redis's clock is ahead of this node's, as far as it is known. */
  #aheadMs = 0;

  /** @param clock milliseconds since 1970 by this node's clock */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** What time it is in Redis. */
  now(): number {
    return this.#clock() + this.#aheadMs;
  }

  learnTime(redisNowMs: number): void {
    this.#aheadMs = redisNowMs - this.#clock();
  }

  plan(board: string): Plan {
    return this.#boards.get(board)?.plan ?? defaultPlan;
  }

  learnPlan(board: string, plan: Plan): void {
    this.#boards.set(board, { plan, open: new Map() });
  }

  /** Notes which season is open, as far as it lies in the present period. */
  learnOpen(board: string, window: string, season: string): void {
    const belief = this.#boards.get(board) ?? { plan: defaultPlan, open: new Map() };
    belief.open.set(window, season);
    this.#boards.set(board, belief);
  }

  forget(board: string): void {
    this.#boards.delete(board);
  }

  /** @param window one of the board's plan */
  openSeason(board: string, window: string): CachedSeason {
    const { plan, open } = this.#boards.get(board) ?? { plan: defaultPlan, open: null };
    const { id, startsAtMs, endsAtMs } = periodOf(plan, window, this.now());
    const known = open?.get(window);
    const season = known !== undefined && periodIdOf(known) === id ? known : id;
    return { window, season, period: { startsAtMs, endsAtMs } };
  }
}

/** The period that a season's id names, without the number of a later season in it. */
export function periodIdOf(season: string): string {
  return season.split(".", 1)[0]!;
}

/** Most boards have it. */
const defaultPlan = planOf(["all"], "UTC");
