import type { Submission } from "@grandstand/shared/operations/leaderboard/scores";
import type { DomainHandlers } from "../../../core/handler.js";
import { partOf } from "../../../redis/idempotency.js";
import { hideScript, removeScript, setMetadataScript, showScript, submitScript } from "../scripts.js";
import type { BoardStores } from "../store.js";
import { storedId } from "../stored-id.js";
import {
  briefResultOf,
  checkSubmitter,
  runsOf,
  submitArguments,
  submitResultOf,
  submittedProfiles,
} from "../submissions.js";

export function scoreHandlers(stores: BoardStores) {
  const { profiles } = stores.dependencies;
  return {
    "leaderboard.submit": async ({ board, ...submission }, { caller, idempotency }) => {
      checkSubmitter(caller, submission);
      const args = submitArguments(caller, board, "full", [submission]);
      const { results } = await stores.of(board).write(submitScript, idempotency, args);
      const result = submitResultOf(submission.member, results[0] as unknown as string[]);
      if (submission.profile !== undefined)
        await profiles.setMany(submittedProfiles([submission]), idempotency);
      return result;
    },

    "leaderboard.submitMany": async ({ board, scores }, { caller, idempotency }) => {
      const store = stores.of(board);
      const runs = runsOf(scores);
      const write = async (run: Submission[], number: number) => {
        const args = submitArguments(caller, board, "brief", run);
        return (await store.write(submitScript, partOf(idempotency, number), args)).results;
      };
      // One script call writes one run of scores. The first run goes alone: it fails if the idempotency key was used with
      // another input, and it refreshes the season cache. The other runs are pipelined on one connection, so
      // Redis carries them out in order unless a season ends meanwhile.
      const first = await write(runs[0]!, 0);
      const rest = runs.slice(1).map((run, at) => write(run, at + 1));
      const results = [first, ...(await Promise.all(rest))].flat() as unknown as string[][];
      await profiles.setMany(
        submittedProfiles(scores.filter((_, at) => results[at]![0] === "ok")),
        idempotency,
      );
      return { results: results.map((result, at) => briefResultOf(scores[at]!.member, result)) };
    },

    "leaderboard.setMetadata": async ({ board, member, metadata }, { idempotency }) => {
      const args = { member: storedId(member), metadata: metadata === null ? "" : JSON.stringify(metadata) };
      await stores.of(board).write(setMetadataScript, idempotency, args);
      return { metadata };
    },

    "leaderboard.remove": async ({ board, member }, { idempotency }) => {
      await stores.of(board).write(removeScript, idempotency, { member: storedId(member) });
      return { removed: true };
    },

    "leaderboard.hide": async ({ board, member }, { idempotency }) => {
      await stores.of(board).write(hideScript, idempotency, { member: storedId(member) });
      return { hidden: true };
    },

    "leaderboard.show": async ({ board, member }, { idempotency }) => {
      await stores.of(board).write(showScript, idempotency, { member: storedId(member) });
      return { hidden: false };
    },
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}
