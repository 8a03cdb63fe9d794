import { type BoardWire, LiveBoard } from "./live-board.js";
import { LiveChannels } from "./live-channels.js";

/** The boards that a client watches, by id. */
export class LiveBoards extends LiveChannels<LiveBoard> {
  constructor(wire: BoardWire) {
    super("leaderboard", (board, onUnused) => new LiveBoard(board, wire, onUnused));
  }
}
