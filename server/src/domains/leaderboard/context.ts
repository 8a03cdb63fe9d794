import type { Redis } from "ioredis";
import type { Keys } from "../../redis/keys.js";
import type { OpenedSeason } from "../shared/dependencies.js";
import type { DenseCounts } from "./dense-counts.js";
import type { SeasonCache } from "./season-cache.js";

/** What all boards of this node share. */
export interface BoardContext {
  redis: Redis;
  keys: Keys;
  publishCommand: string;
  beliefs: SeasonCache;
  denseCounts: DenseCounts;
  /** Sees to it that the season is closed when it is over, also if nobody comes by then. */
  onOpened(season: OpenedSeason): void;
}
