import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import { Listeners } from "../listeners.js";
import type { Store } from "../store.js";
import { covers, type WholeBoardView } from "./board-view.js";
import { type LiveLeaderboardState, loadingState } from "./leaderboard-state.js";
import type { BoardState, Viewer } from "./live-board.js";
import type { LiveBoards } from "./live-boards.js";

/**
 * A live view of a board. The first listener begins the subscription; it ends shortly after the last has
 * left. Views of one board share one subscription.
 */
export interface LiveLeaderboard extends Store<LiveLeaderboardState> {
  readonly board: string;
}

export class LiveLeaderboardView implements LiveLeaderboard, Viewer {
  readonly board: string;
  readonly view: WholeBoardView;
  readonly #boards: LiveBoards;
  readonly #listeners = new Listeners();
  /** What `#state` was made of. */
  #source: BoardState | undefined;
  #state = loadingState;

  constructor(boards: LiveBoards, board: string, view: WholeBoardView) {
    this.#boards = boards;
    this.board = board;
    this.view = view;
  }

  readonly get = (): LiveLeaderboardState => {
    const source = this.#boards.find(this.board)?.state;
    if (source !== this.#source) {
      this.#source = source;
      this.#state = source ? partOf(source, this.view, this.#state) : loadingState;
    }
    return this.#state;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    const remove = this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#boards.open(this.board).attach(this);
    return () => {
      if (this.#listeners.size === 0) return;
      remove();
      if (this.#listeners.size === 0) this.#boards.find(this.board)?.release(this);
    };
  };

  onChange(): void {
    const before = this.#state;
    if (this.get() !== before) this.#listeners.notify();
  }
}

/** The part of a board's state that a view shows; `before` when that is what it showed already. */
function partOf(board: BoardState, view: WholeBoardView, before: LiveLeaderboardState): LiveLeaderboardState {
  // Until the wider state that this view needs has come, it shows nothing rather than a part of itself.
  const isShown = board.shown !== null && covers(board.shown, view);
  const status = isShown || board.status === "failed" ? board.status : "loading";
  const state: LiveLeaderboardState = isShown
    ? {
        status,
        entries: sameList(before.entries, board.content.entries.slice(0, view.top)),
        total: board.content.total,
        me: view.me ? board.content.me : null,
        error: board.error,
      }
    : { ...loadingState, status, error: board.error };
  return isSameState(before, state) ? before : state;
}

function sameList(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
  const isSame = before.length === after.length && before.every((entry, at) => entry === after[at]);
  return isSame ? before : after;
}

function isSameState(one: LiveLeaderboardState, other: LiveLeaderboardState): boolean {
  return (Object.keys(one) as (keyof LiveLeaderboardState)[]).every((key) => one[key] === other[key]);
}
