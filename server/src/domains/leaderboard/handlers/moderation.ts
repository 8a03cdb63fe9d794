import type { BoardContext } from "../context.js";
import { hideScript, removeScript, showScript } from "../scripts.js";
import { BoardStore } from "../store.js";
import type { LeaderboardHandlers } from "./domain.js";

export function moderationHandlers(context: BoardContext): LeaderboardHandlers<"remove" | "hide" | "show"> {
  const storeOf = (board: string) => new BoardStore(context, board);
  return {
    "leaderboard.remove": async ({ board, member }, { idempotency }) => {
      await storeOf(board).write(removeScript, idempotency, [member]);
      return { removed: true };
    },
    "leaderboard.hide": async ({ board, member }, { idempotency }) => {
      await storeOf(board).write(hideScript, idempotency, [member]);
      return { hidden: true };
    },
    "leaderboard.show": async ({ board, member }, { idempotency }) => {
      await storeOf(board).write(showScript, idempotency, [member]);
      return { hidden: false };
    },
  };
}
