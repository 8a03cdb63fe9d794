import { boardOperations } from "./leaderboard/boards.js";
import { entryOperations } from "./leaderboard/entries.js";
import { moderationOperations } from "./leaderboard/moderation.js";
import { scoreOperations } from "./leaderboard/scores.js";
import { seasonOperations } from "./leaderboard/seasons.js";
import { transferOperations } from "./leaderboard/transfer.js";

/** The operations on boards, in the order of the documents. */
export const leaderboardOperations = {
  ...boardOperations,
  ...scoreOperations,
  ...entryOperations,
  ...moderationOperations,
  ...seasonOperations,
  ...transferOperations,
};
