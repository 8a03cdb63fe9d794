import type { SubscriptionWire } from "./channel-subscription.js";
import { LiveBoard } from "./live-board.js";
import { LiveChannels } from "./live-channels.js";

/** The boards that a client watches, by id. */
export class LiveBoards extends LiveChannels<LiveBoard> {
  constructor(wire: SubscriptionWire) {
    super("leaderboard", (board, onUnused) => new LiveBoard(board, wire, onUnused));
  }
}
