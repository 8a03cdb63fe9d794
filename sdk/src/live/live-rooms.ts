import { LiveChannels } from "./live-channels.js";
import { LiveRoom, type RoomWire } from "./live-room.js";

/** The chat rooms that a client follows, by id. */
export class LiveRooms extends LiveChannels<LiveRoom> {
  constructor(wire: RoomWire) {
    super("chat", (room, onUnused) => new LiveRoom(room, wire, onUnused));
  }
}
