import { z } from "zod";
import { boardWindow, entry } from "../operations/leaderboard.js";

/** What part of a board a subscription watches: the top entries, and with `me` also the caller's own. */
export const leaderboardView = z.strictObject({
  window: boardWindow.default("all"),
  top: z.literal([10, 25, 50, 100]).default(10),
  me: z.boolean().default(false),
});

/** The state that a subscription begins with. `me` is there only when the view asked for it. */
export const leaderboardSnapshot = z.object({
  entries: z.array(entry),
  total: z.int(),
  season: z.string(),
  me: entry.nullable().optional(),
});

export const leaderboardEvents = {
  /**
   * The watched view changed: the board has `total` entries, the view `length`, and `rows` are the
   * entries at the ranks whose content changed. Putting each row at its rank gives exactly the view.
   */
  "leaderboard.updated": z.object({ total: z.int(), length: z.int(), rows: z.array(entry) }),
  /** The caller's own entry changed; null when it has none. */
  "leaderboard.me": z.object({ entry: entry.nullable() }),
};

export type LeaderboardView = z.infer<typeof leaderboardView>;
export type LeaderboardSnapshot = z.infer<typeof leaderboardSnapshot>;
export type LeaderboardUpdated = z.infer<(typeof leaderboardEvents)["leaderboard.updated"]>;
export type LeaderboardMe = z.infer<(typeof leaderboardEvents)["leaderboard.me"]>;
