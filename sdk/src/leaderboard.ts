import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import type { Board } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
import { type BoardView, wholeView } from "./live/board-view.js";
import type { LiveBoards } from "./live/live-boards.js";
import { type LiveLeaderboard, LiveLeaderboardView } from "./live/live-leaderboard.js";

/** Calls an operation of the contract by name. */
export type CallOperation = <N extends OperationName>(
  operation: N,
  input: InputOf<N>,
) => Promise<OutputOf<N>>;

type Of<N extends OperationName, Rest extends string = never> = Omit<InputOf<N>, "board" | Rest>;

export type BoardRules = Of<"leaderboard.configure">;
export type Score = Of<"leaderboard.submit">;
export type ScoreInBatch = InputOf<"leaderboard.submitMany">["scores"][number];
export type EntriesPage = OutputOf<"leaderboard.entries">;

/** One board. Each method is the operation `leaderboard.<method>`, and rejects with a `GrandstandError`. */
export interface Leaderboard {
  readonly board: string;
  get(): Promise<Board>;
  /** Creates the board, or replaces its rules. */
  configure(rules?: BoardRules): Promise<Board>;
  delete(): Promise<void>;
  submit(score: Score): Promise<SubmitResult>;
  /** Submits up to 1,000 scores, each on its own; a refused one stops no other. */
  submitMany(scores: ScoreInBatch[]): Promise<SubmitManyResult["results"]>;
  /** One page, best first. */
  entries(page?: Of<"leaderboard.entries">): Promise<EntriesPage>;
  /** Every entry, best first, read page by page as the loop goes on. `limit` is the size of a page. */
  all(options?: { limit?: number }): AsyncGenerator<Entry, void, undefined>;
  entry(member: string): Promise<Entry>;
  /** The entries around a member, `radius` (5 by default) to each side. */
  around(
    member: string,
    options?: Of<"leaderboard.around", "member">,
  ): Promise<OutputOf<"leaderboard.around">>;
  remove(member: string): Promise<void>;
  /** A live view; nothing is sent before somebody subscribes to it. */
  live(view?: BoardView): LiveLeaderboard;
}

export function createLeaderboard(board: string, call: CallOperation, boards: LiveBoards): Leaderboard {
  return {
    board,
    get: () => call("leaderboard.get", { board }),
    configure: (rules = {}) => call("leaderboard.configure", { ...rules, board }),
    delete: async () => void (await call("leaderboard.delete", { board })),
    submit: (score) => call("leaderboard.submit", { ...score, board }),
    submitMany: async (scores) => (await call("leaderboard.submitMany", { board, scores })).results,
    entries: (page = {}) => call("leaderboard.entries", { ...page, board }),
    all: (options = {}) => allEntries(board, call, options.limit),
    entry: (member) => call("leaderboard.entry", { board, member }),
    around: (member, options = {}) => call("leaderboard.around", { ...options, board, member }),
    remove: async (member) => void (await call("leaderboard.remove", { board, member })),
    live: (view) => new LiveLeaderboardView(boards, board, wholeView(view)),
  };
}

async function* allEntries(
  board: string,
  call: CallOperation,
  limit = 200,
): AsyncGenerator<Entry, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await call("leaderboard.entries", { board, limit, cursor });
    yield* page.entries;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
