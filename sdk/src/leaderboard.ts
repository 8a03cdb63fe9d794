import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import type { Board } from "@grandstand/shared/operations/leaderboard/boards";
import type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import type { CallOperation } from "./call-operation.js";
import { type ImportContent, importLines } from "./leaderboard-import.js";
import { allEntries, exportedPages } from "./leaderboard-pages.js";
import { type BoardView, wholeView } from "./live/board-view.js";
import type { LiveBoards } from "./live/live-boards.js";
import { type LiveLeaderboard, LiveLeaderboardView } from "./live/live-leaderboard.js";

type Of<N extends OperationName, Rest extends string = never> = Omit<InputOf<N>, "board" | Rest>;

export type BoardRules = Of<"leaderboard.configure">;
export type Score = Of<"leaderboard.submit">;
export type ScoreInBatch = InputOf<"leaderboard.submitMany">["scores"][number];
export type EntriesPage = OutputOf<"leaderboard.entries">;

/**
 * One board. Each method is the operation `leaderboard.<method>` and rejects with a `GrandstandError`. Reads return
 * the open season of the board's first window, unless their options name another `window` or `season`.
 */
export interface Leaderboard {
  readonly board: string;
  get(): Promise<Board>;
  /** Creates the board or replaces its rules. */
  configure(rules?: BoardRules): Promise<Board>;
  delete(): Promise<void>;
  submit(score: Score): Promise<SubmitResult>;
  /** Submits up to 1,000 scores. A refused score does not affect the others. */
  submitMany(scores: ScoreInBatch[]): Promise<SubmitManyResult["results"]>;
  /** One page, best first. */
  entries(page?: Of<"leaderboard.entries">): Promise<EntriesPage>;
  /** Every entry, best first. The loop reads page after page; `limit` is the size of a page. */
  all(options?: Of<"leaderboard.entries", "offset" | "cursor">): AsyncGenerator<Entry, void, undefined>;
  entry(member: string, options?: Of<"leaderboard.entry", "member">): Promise<Entry>;
  /** The entries around a member: `radius` entries (5 by default) on each side. */
  around(
    member: string,
    options?: Of<"leaderboard.around", "member">,
  ): Promise<OutputOf<"leaderboard.around">>;
  /** The entries around a score, and the rank that this score would have now. */
  aroundScore(
    score: number,
    options?: Of<"leaderboard.aroundScore", "score">,
  ): Promise<OutputOf<"leaderboard.aroundScore">>;
  /** The entries of up to 1,000 members, such as a player's friends, each with its rank and its place among these members. */
  lookup(
    members: string[],
    options?: Of<"leaderboard.lookup", "members">,
  ): Promise<OutputOf<"leaderboard.lookup">>;
  /** The distribution of the scores, and the percentile of a `member` or a `score`. */
  stats(options?: Of<"leaderboard.stats">): Promise<Stats>;
  remove(member: string): Promise<void>;
  /** Hides a member. Its scores still count, but only servers and the member see them. */
  hide(member: string): Promise<void>;
  show(member: string): Promise<void>;
  /** The open season and the kept closed seasons, newest first, of one `window` or of all windows. */
  seasons(options?: Of<"leaderboard.seasons">): Promise<Season[]>;
  /**
   * Closes a window's open season now: `leaderboard.close`. If `season` is given and no longer open, the call fails
   * with `conflict` and closes nothing.
   */
  closeSeason(options?: Of<"leaderboard.close">): Promise<OutputOf<"leaderboard.close">>;
  /** A season's entries, best first, as NDJSON or CSV, in pages of `limit` lines. */
  export(options?: Of<"leaderboard.export", "cursor">): AsyncGenerator<string, void, undefined>;
  /**
   * Sets entries of a window's open season from any number of lines of NDJSON or CSV. `content` is a string, or an
   * iterable of strings of whole lines, such as an `export` or a `readline`. The lines are sent in parts. After an
   * error the parts before it stay imported; the import may be repeated from the start.
   */
  import(
    content: ImportContent,
    options?: Of<"leaderboard.import", "content" | "idempotencyKey">,
  ): Promise<ImportReport>;
  /** A live view. It subscribes on the server when its first listener subscribes. */
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
    all: (options = {}) => allEntries(call, { ...options, board }),
    entry: (member, options = {}) => call("leaderboard.entry", { ...options, board, member }),
    around: (member, options = {}) => call("leaderboard.around", { ...options, board, member }),
    aroundScore: (score, options = {}) => call("leaderboard.aroundScore", { ...options, board, score }),
    lookup: (members, options = {}) => call("leaderboard.lookup", { ...options, board, members }),
    stats: (options = {}) => call("leaderboard.stats", { ...options, board }),
    remove: async (member) => void (await call("leaderboard.remove", { board, member })),
    hide: async (member) => void (await call("leaderboard.hide", { board, member })),
    show: async (member) => void (await call("leaderboard.show", { board, member })),
    seasons: async (options = {}) => (await call("leaderboard.seasons", { ...options, board })).seasons,
    closeSeason: (options = {}) => call("leaderboard.close", { ...options, board }),
    export: (options = {}) => exportedPages(call, { ...options, board }),
    import: (content, options = {}) => importLines(call, board, content, options),
    live: (view) => new LiveLeaderboardView(boards, board, wholeView(view)),
  };
}
