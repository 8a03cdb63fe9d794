import { Listeners } from "../../listeners.js";
import type { Store } from "../../store.js";
import { LiveChannels } from "../channel/live-channels.js";
import { keepFields, sameList } from "./board-content.js";
import type { WholeBoardView } from "./board-view.js";
import { type LiveLeaderboardState, loadingState } from "./leaderboard-state.js";
import { type BoardWire, LiveBoard } from "./live-board.js";
import type { Viewer, WindowState } from "./live-window.js";
import { covers } from "./rankings.js";

/** The boards that a client follows. */
export class LiveBoards extends LiveChannels<LiveBoard> {
  constructor(wire: BoardWire) {
    super("leaderboard:", (board, onUnused) => new LiveBoard(board, wire, onUnused));
  }

  view(board: string, view: WholeBoardView): Store<LiveLeaderboardState> {
    return new LiveLeaderboardView(this, board, view);
  }
}

class LiveLeaderboardView implements Store<LiveLeaderboardState>, Viewer {
  readonly #board: string;
  readonly view: WholeBoardView;
  readonly #boards: LiveBoards;
  readonly #listeners = new Listeners();
  /** The state of the board's window, such as `daily`, from which `#state` was derived. */
  #source: WindowState | undefined;
  #state = loadingState;

  constructor(boards: LiveBoards, board: string, view: WholeBoardView) {
    this.#boards = boards;
    this.#board = board;
    this.view = view;
  }

  readonly get = (): LiveLeaderboardState => {
    const source = this.#boards.find(this.#board)?.stateOf(this.view);
    if (source !== this.#source) {
      this.#source = source;
      this.#state = source ? partOf(source, this.view, this.#state) : loadingState;
    }
    return this.#state;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    const remove = this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#boards.open(this.#board).attach(this);
    return () => {
      if (this.#listeners.size === 0) return;
      remove();
      if (this.#listeners.size === 0) this.#boards.find(this.#board)?.release(this);
    };
  };

  onChange(): void {
    const before = this.#state;
    if (this.get() !== before) this.#listeners.notify();
  }
}

/** The part of a window's state that a view shows. Returns `before` if that part has not changed. */
function partOf(
  window: WindowState,
  view: WholeBoardView,
  before: LiveLeaderboardState,
): LiveLeaderboardState {
  // Until the window has as many rows as this view asks for, the view shows none.
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
