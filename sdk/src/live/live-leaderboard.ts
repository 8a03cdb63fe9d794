import { Listeners } from "../listeners.js";
import type { Store } from "../store.js";
import { keepFields, sameList } from "./board-content.js";
import { covers, type WholeBoardView } from "./board-view.js";
import { type LiveLeaderboardState, loadingState } from "./leaderboard-state.js";
import type { LiveBoards } from "./live-boards.js";
import type { Viewer, WindowState } from "./live-window.js";

/**
 * A live view of a board. The first listener begins the subscription; it ends shortly after the last has
 * left. Views of one window share one subscription. A client subscribes to one window of a board at a time, the one
 * that was listened to first; views of its other windows are read once a second instead.
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
  #source: WindowState | undefined;
  #state = loadingState;

  constructor(boards: LiveBoards, board: string, view: WholeBoardView) {
    this.#boards = boards;
    this.board = board;
    this.view = view;
  }

  readonly get = (): LiveLeaderboardState => {
    const source = this.#boards.find(this.board)?.stateOf(this.view.window);
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

/** The part of a window's state that a view shows; `before` when that is what it showed already. */
function partOf(
  window: WindowState,
  view: WholeBoardView,
  before: LiveLeaderboardState,
): LiveLeaderboardState {
  // Until the wider state that this view needs has come, it shows nothing rather than a part of itself.
  const isShown = window.shown !== null && covers(window.shown, view);
  const status = isShown || window.status === "failed" ? window.status : "loading";
  if (!isShown) return keepFields(before, { ...loadingState, status, error: window.error });
  const { content, error } = window;
  return keepFields(before, {
    ...content,
    status,
    entries: sameList(before.entries, content.entries.slice(0, view.top)),
    me: view.me ? content.me : null,
    error,
  });
}
