import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type BoardView, wholeView } from "./board-view.js";
import { type LiveLeaderboardState, loadingState } from "./leaderboard-state.js";
import type { LiveBoards } from "./live-leaderboard.js";

/**
 * A live view of a board. It subscribes on the server while it has listeners, and unsubscribes shortly after
 * the last listener was removed.
 *
 * A client has only one subscription to a board. It follows the window (a recurring period, such as `weekly`) and the
 * filter `where` of the view that got a listener first. All views with the same window and `where` share this
 * subscription. Views of the board with another window or `where` are polled once a second.
 */
export interface LiveLeaderboard extends Store<LiveLeaderboardState> {
  readonly board: string;
  /** Subscribes or polls again immediately if the server refused the subscription or the poll. */
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
