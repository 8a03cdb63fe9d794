import type { Redis } from "ioredis";
import type { Keys } from "../../redis/keys.js";
import type { Beliefs } from "./beliefs.js";
import type { DenseCounts } from "./dense-counts.js";

/** A season that has begun and will end by its calendar. */
export interface OpenedSeason {
  board: string;
  window: string;
  endsAtMs: number;
}

/** What all boards of this node share. */
export interface BoardContext {
  redis: Redis;
  keys: Keys;
  publishCommand: string;
  beliefs: Beliefs;
  denseCounts: DenseCounts;
  /** Sees to it that the season is closed when it is over, also if nobody comes by then. */
  onOpened(season: OpenedSeason): void;
}
