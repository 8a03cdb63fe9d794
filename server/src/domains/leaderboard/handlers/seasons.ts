import { GrandstandError } from "@grandstand/shared/errors";
import { closeSeason } from "../closing.js";
import type { BoardContext } from "../context.js";
import { periodIdOf } from "../season-cache.js";
import { seasonOf, seasonRecord } from "../season-record.js";
import { BoardStore } from "../store.js";
import type { LeaderboardHandlers } from "./domain.js";

export function seasonHandlers(context: BoardContext): LeaderboardHandlers<"seasons" | "close"> {
  return {
    "leaderboard.seasons": async ({ board, window }) => {
      const store = new BoardStore(context, board);
      const { records, open } = await store.seasons();
      const named = window === undefined ? null : (await store.chosen({ window })).window;
      const shown = records.filter((record) => named === null || record.window === named);
      // Those that are open come first, as nothing is newer.
      shown.sort((one, other) => (other.closing ?? Infinity) - (one.closing ?? Infinity) || 0);
      return { seasons: shown.map((record) => seasonOf(record, record.total ?? open.get(record.window))) };
    },

    "leaderboard.close": async ({ board, window, season }, { idempotency }) => {
      const store = new BoardStore(context, board);
      let closing = "";
      const reply = await store.attempt(async () => {
        const open = await store.chosen({ ...(window !== undefined && { window }) });
        closing = open.window;
        const wanted = { window: open.window, season: season ?? open.season };
        const answer = await closeSeason(context, board, wanted, "now", idempotency);
        const [status, , actual] = answer as string[];
        // What is open is no season that is over: then it is not the one that should be closed.
        const isCurrent = status === "open" && periodIdOf(actual!) === periodIdOf(open.season);
        if (season !== undefined && isCurrent) throw notOpen();
        return answer;
      });
      const [closed, closedText, next, nextText] = reply as string[];
      return {
        closed: seasonOf(seasonRecord(closing, closed!, closedText!)),
        next: seasonOf(seasonRecord(closing, next!, nextText!)),
      };
    },
  };
}

function notOpen(): GrandstandError {
  return new GrandstandError("conflict", "That season is not open", {
    issues: [{ path: "season", rule: "open", message: "must be the open season" }],
  });
}
