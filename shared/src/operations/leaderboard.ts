import { boardOperations } from "./leaderboard/boards.js";
import { entryOperations } from "./leaderboard/entries.js";
import { moderationOperations } from "./leaderboard/moderation.js";
import { scoreOperations } from "./leaderboard/scores.js";
import { seasonOperations } from "./leaderboard/seasons.js";
import { transferOperations } from "./leaderboard/transfer.js";

/** All operations on boards, in the order in which the documentation lists them. */
export const leaderboardOperations = {
  ...boardOperations,
  ...scoreOperations,
  ...entryOperations,
  ...moderationOperations,
  ...seasonOperations,
  ...transferOperations,
};
