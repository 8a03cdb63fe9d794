import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type BoardView, wholeView } from "./board-view.js";
import { type LiveLeaderboardState, loadingState } from "./leaderboard-state.js";
import type { LiveBoards } from "./live-leaderboard.js";

/**
 * A live view of a board. It subscribes on the server with its first listener, and unsubscribes shortly after the last
 * one has left. Views of one window share one subscription. A client subscribes to one window of a board at a time, the
 * one that was listened to first; views of its other windows are read once a second instead.
 */
export interface LiveLeaderboard extends Store<LiveLeaderboardState> {
  readonly board: string;
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

export function createLiveLeaderboard(
  board: string,
  boards: LazyLive<LiveBoards>,
  view?: BoardView,
): LiveLeaderboard {
  const whole = wholeView(view);
  const store = boards.store(loadingState, (live) => live.view(board, whole));
  return { board, ...store, retry: () => boards.loaded?.find(board)?.subscription.retry() };
}
