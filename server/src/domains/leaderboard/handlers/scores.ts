import type { Submission } from "@grandstand/shared/operations/leaderboard/scores";
import { partOf } from "../../../redis/idempotency.js";
import type { BoardContext } from "../context.js";
import { submitScript } from "../scripts.js";
import { BoardStore } from "../store.js";
import { briefResultOf, checkWriter, runsOf, submitArguments, submitResultOf } from "../submissions.js";
import type { LeaderboardHandlers } from "./domain.js";

export function scoreHandlers(context: BoardContext): LeaderboardHandlers<"submit" | "submitMany"> {
  return {
    "leaderboard.submit": async ({ board, ...submission }, { caller, idempotency }) => {
      checkWriter(caller, submission);
      const store = new BoardStore(context, board);
      const args = submitArguments(caller, board, "full", [submission]);
      const [result] = await store.write(submitScript, idempotency, args);
      return submitResultOf(submission.member, result as (string | string[])[]);
    },

    "leaderboard.submitMany": async ({ board, scores }, { caller, idempotency }) => {
      const store = new BoardStore(context, board);
      const runs = runsOf(scores);
      const write = (run: Submission[], number: number) =>
        store.write(submitScript, partOf(idempotency, number), submitArguments(caller, board, "brief", run));
      // The first run tells whether the key may be used at all, and sets this node right about the season if need be. The
      // rest are sent in order on one connection, so Redis carries them out in order, in one round trip.
      const first = await write(runs[0]!, 0);
      const rest = runs.slice(1).map((run, at) => write(run, at + 1));
      const results = [first, ...(await Promise.all(rest))];
      return {
        results: results.flat().map((result, at) => briefResultOf(scores[at]!.member, result as string[])),
      };
    },
  };
}
