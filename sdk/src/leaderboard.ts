import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import type { Board } from "@grandstand/shared/operations/leaderboard/boards";
import type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import type { CallOperation } from "./call-operation.js";
import type { ImportContent } from "./import-parts.js";
import { importLines } from "./leaderboard-import.js";
import { allEntries, exportedPages } from "./leaderboard-pages.js";
import { type BoardView, wholeView } from "./live/leaderboard/board-view.js";
import type { LiveBoards } from "./live/leaderboard/live-board.js";
import { type LiveLeaderboard, LiveLeaderboardView } from "./live/leaderboard/live-leaderboard.js";

type Of<N extends OperationName, Rest extends string = never> = Omit<InputOf<N>, "board" | Rest>;

export type BoardRules = Of<"leaderboard.configure">;
export type Score = Of<"leaderboard.submit">;
export type ScoreInBatch = InputOf<"leaderboard.submitMany">["scores"][number];
export type EntriesPage = OutputOf<"leaderboard.entries">;

/**
 * One board. Each method is the operation `leaderboard.<method>`, and rejects with a `GrandstandError`. Reads are about
 * the open season of the board's first window, unless their options name another `window` or `season`.
 */
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
  all(options?: Of<"leaderboard.entries", "offset" | "cursor">): AsyncGenerator<Entry, void, undefined>;
  entry(member: string, options?: Of<"leaderboard.entry", "member">): Promise<Entry>;
  /** The entries around a member, `radius` (5 by default) to each side. */
  around(
    member: string,
    options?: Of<"leaderboard.around", "member">,
  ): Promise<OutputOf<"leaderboard.around">>;
  /** The entries around a score, and the rank that one would have that reached it now. */
  aroundScore(
    score: number,
    options?: Of<"leaderboard.aroundScore", "score">,
  ): Promise<OutputOf<"leaderboard.aroundScore">>;
  /** The entries of up to 1,000 members, such as a player's friends, each with its rank and its place among them. */
  lookup(
    members: string[],
    options?: Of<"leaderboard.lookup", "members">,
  ): Promise<OutputOf<"leaderboard.lookup">>;
  /** How the scores are distributed, and where a `member` or a `score` stands. */
  stats(options?: Of<"leaderboard.stats">): Promise<Stats>;
  remove(member: string): Promise<void>;
  /** Hides a member: its scores count on, but only servers and the member see them. */
  hide(member: string): Promise<void>;
  show(member: string): Promise<void>;
  /** The open season and the closed ones that are kept, newest first, of a `window` or of all. */
  seasons(options?: Of<"leaderboard.seasons">): Promise<Season[]>;
  /**
   * Closes a window's open season now: `leaderboard.close`. With `season` given, only that one: when it is open no
   * more, this is a `conflict` and closes nothing.
   */
  closeSeason(options?: Of<"leaderboard.close">): Promise<OutputOf<"leaderboard.close">>;
  /** A season's entries, best first, as lines of NDJSON or CSV, a page of `limit` lines at a time. */
  export(options?: Of<"leaderboard.export", "cursor">): AsyncGenerator<string, void, undefined>;
  /**
   * Sets entries of a window's open season from lines of NDJSON or CSV, however many: text that holds all of them, or
   * an iterable that gives one or more whole lines at a time, as an `export` or a `readline` does. It goes in parts; an
   * error leaves those before it imported, and the whole may be imported again.
   */
  import(
    content: ImportContent,
    options?: Of<"leaderboard.import", "content" | "idempotencyKey">,
  ): Promise<ImportReport>;
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
