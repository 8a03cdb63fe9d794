import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import type { Board } from "@grandstand/shared/operations/leaderboard/boards";
import type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import type { CallOperation, CallOptions } from "./call-operation.js";
import type { ImportContent } from "./leaderboard-import.js";
import type { LazyLive } from "./live/lazy-live.js";
import type { BoardView } from "./live/leaderboard/board-view.js";
import { createLiveLeaderboard, type LiveLeaderboard } from "./live/leaderboard/leaderboard-view.js";
import type { LiveBoards } from "./live/leaderboard/live-leaderboard.js";

type BoardInput<N extends OperationName, Rest extends string = never> = Omit<InputOf<N>, "board" | Rest>;

export type BoardRules = BoardInput<"leaderboard.configure">;
export type Score = BoardInput<"leaderboard.submit">;
export type ScoreInBatch = InputOf<"leaderboard.submitMany">["scores"][number];
export type EntriesPage = OutputOf<"leaderboard.entries">;

/**
 * One board. A method calls the operation of its name, such as `leaderboard.submit`, unless its comment names
 * another. A method rejects with a `GrandstandError`, or with the reason of an aborted signal. Reads return the open
 * season of the board's first window, unless their options name another `window` or `season`. Some methods, such as
 * `all`, send several calls; their `callOptions` apply to each call.
 */
export interface Leaderboard {
  readonly board: string;
  get(callOptions?: CallOptions): Promise<Board>;
  /** Creates the board or replaces its rules. */
  configure(rules?: BoardRules, callOptions?: CallOptions): Promise<Board>;
  delete(callOptions?: CallOptions): Promise<void>;
  submit(score: Score, callOptions?: CallOptions): Promise<SubmitResult>;
  /** Submits up to 1,000 scores. A refused score does not affect the others. */
  submitMany(scores: ScoreInBatch[], callOptions?: CallOptions): Promise<SubmitManyResult["results"]>;
  /** One page, best first. */
  entries(page?: BoardInput<"leaderboard.entries">, callOptions?: CallOptions): Promise<EntriesPage>;
  /**
   * Every entry, best first, for a `for await` loop. Calls `leaderboard.entries` for page after page; `limit` is
   * the size of a page.
   */
  all(
    options?: BoardInput<"leaderboard.entries", "offset" | "cursor">,
    callOptions?: CallOptions,
  ): AsyncGenerator<Entry, void, undefined>;
  entry(
    member: string,
    options?: BoardInput<"leaderboard.entry", "member">,
    callOptions?: CallOptions,
  ): Promise<Entry>;
  /** The entries around a member: `radius` entries (5 by default) on each side. */
  around(
    member: string,
    options?: BoardInput<"leaderboard.around", "member">,
    callOptions?: CallOptions,
  ): Promise<OutputOf<"leaderboard.around">>;
  /** The entries around a score, and the rank that this score would have now. */
  aroundScore(
    score: number,
    options?: BoardInput<"leaderboard.aroundScore", "score">,
    callOptions?: CallOptions,
  ): Promise<OutputOf<"leaderboard.aroundScore">>;
  /** The entries of up to 1,000 members, such as a player's friends, each with its rank and its place among these members. */
  lookup(
    members: string[],
    options?: BoardInput<"leaderboard.lookup", "members">,
    callOptions?: CallOptions,
  ): Promise<OutputOf<"leaderboard.lookup">>;
  /** The distribution of the scores, and the percentile of a `member` or a `score`. */
  stats(options?: BoardInput<"leaderboard.stats">, callOptions?: CallOptions): Promise<Stats>;
  /** Replaces the metadata of a member's entry; null removes it. Score, rank and time stay. */
  setMetadata(
    member: string,
    metadata: InputOf<"leaderboard.setMetadata">["metadata"],
    callOptions?: CallOptions,
  ): Promise<void>;
  remove(member: string, callOptions?: CallOptions): Promise<void>;
  /** Hides a member. The member can still submit, but only servers, moderators and the member see the entry. */
  hide(member: string, callOptions?: CallOptions): Promise<void>;
  show(member: string, callOptions?: CallOptions): Promise<void>;
  /** The open season and the kept closed seasons, newest first, of one `window` or of all windows. */
  seasons(options?: BoardInput<"leaderboard.seasons">, callOptions?: CallOptions): Promise<Season[]>;
  /**
   * Closes the open season of a window now, with the operation `leaderboard.close`. If `season` is given and
   * that season is no longer open, the call fails with `conflict` and closes nothing.
   */
  closeSeason(
    options?: BoardInput<"leaderboard.close">,
    callOptions?: CallOptions,
  ): Promise<OutputOf<"leaderboard.close">>;
  /** A season's entries, best first, as NDJSON or CSV, in pages of `limit` lines. */
  export(
    options?: BoardInput<"leaderboard.export", "cursor">,
    callOptions?: CallOptions,
  ): AsyncGenerator<string, void, undefined>;
  /**
   * Sets entries of a window's open season from any number of lines of NDJSON or CSV. The lines are sent in
   * parts. If a part fails, the parts before it stay imported, and it is safe to repeat the whole import.
   * @param content a string, or an iterable of strings that each contain whole lines, such as the result of
   * `export`, or Node's `readline`
   */
  import(
    content: ImportContent,
    options?: BoardInput<"leaderboard.import", "content" | "idempotencyKey">,
    callOptions?: CallOptions,
  ): Promise<ImportReport>;
  /** A live view. It subscribes on the server when its first listener subscribes. */
  live(view?: BoardView): LiveLeaderboard;
}

export function createLeaderboard(
  board: string,
  call: CallOperation,
  boards: LazyLive<LiveBoards>,
): Leaderboard {
  return {
    board,
    get: (callOptions) => call("leaderboard.get", { board }, callOptions),
    configure: (rules = {}, callOptions) => call("leaderboard.configure", { ...rules, board }, callOptions),
    delete: async (callOptions) => void (await call("leaderboard.delete", { board }, callOptions)),
    submit: (score, callOptions) => call("leaderboard.submit", { ...score, board }, callOptions),
    submitMany: async (scores, callOptions) =>
      (await call("leaderboard.submitMany", { board, scores }, callOptions)).results,
    entries: (page = {}, callOptions) => call("leaderboard.entries", { ...page, board }, callOptions),
    all: (options = {}, callOptions) =>
      pages(({ allEntries }) => allEntries(call, { ...options, board }, callOptions)),
    entry: (member, options = {}, callOptions) =>
      call("leaderboard.entry", { ...options, board, member }, callOptions),
    around: (member, options = {}, callOptions) =>
      call("leaderboard.around", { ...options, board, member }, callOptions),
    aroundScore: (score, options = {}, callOptions) =>
      call("leaderboard.aroundScore", { ...options, board, score }, callOptions),
    lookup: (members, options = {}, callOptions) =>
      call("leaderboard.lookup", { ...options, board, members }, callOptions),
    stats: (options = {}, callOptions) => call("leaderboard.stats", { ...options, board }, callOptions),
    setMetadata: async (member, metadata, callOptions) =>
      void (await call("leaderboard.setMetadata", { board, member, metadata }, callOptions)),
    remove: async (member, callOptions) =>
      void (await call("leaderboard.remove", { board, member }, callOptions)),
    hide: async (member, callOptions) =>
      void (await call("leaderboard.hide", { board, member }, callOptions)),
    show: async (member, callOptions) =>
      void (await call("leaderboard.show", { board, member }, callOptions)),
    seasons: async (options = {}, callOptions) =>
      (await call("leaderboard.seasons", { ...options, board }, callOptions)).seasons,
    closeSeason: (options = {}, callOptions) => call("leaderboard.close", { ...options, board }, callOptions),
    export: (options = {}, callOptions) =>
      pages(({ exportedPages }) => exportedPages(call, { ...options, board }, callOptions)),
    import: async (content, options = {}, callOptions) => {
      const opened = open(content);
      // Loaded on first use, because few clients import, and a short delay does no harm there.
      const { importLines } = await import("./leaderboard-import.js");
      return importLines(call, board, opened, options, callOptions);
    },
    live: (view) => createLiveLeaderboard(board, boards, view),
  };
}

type Pages = typeof import("./leaderboard-pages.js");

/** Loads the code for paged reads on first use, because few clients read whole boards. */
async function* pages<T>(
  read: (module: Pages) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  yield* read(await import("./leaderboard-pages.js"));
}

/**
 * Starts the iteration before the import code is loaded: Node's `readline` emits its lines even if nothing
 * iterates over them yet, and those lines would be lost.
 */
function open(content: ImportContent): ImportContent {
  if (typeof content === "string" || !(Symbol.asyncIterator in content)) return content;
  const lines = content[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => lines };
}
