import { LiveChannels } from "./live-channels.js";
import { type PresenceWire, RoomPresence } from "./room-presence.js";

/** The rooms that a client is in or looks into, by id. */
export class LivePresences extends LiveChannels<RoomPresence> {
  constructor(wire: PresenceWire) {
    super("presence", (room, onUnused) => new RoomPresence(room, wire, onUnused));
  }

  /** The connection's credentials are others. */
  onRefreshed(): void {
    for (const { own } of this.all) own.review();
  }
}
