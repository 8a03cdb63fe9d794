/**
 * The start or the end of a presence session: the time from a user's join to the leave, over any number of connections.
 * Epoch and join offset identify it.
 */
export interface PresenceSessionChange {
  user: string;
  room: string;
  /** The epoch of the room's presence. */
  epoch: string;
  joinOffset: number;
  ended: boolean;
  /** When it happened, in ms since 1970 by Redis's clock. */
  atMs: number;
}

/** Where a user is. */
export interface Whereabouts {
  isOnline: boolean;
  /** By id. Empty when they were not asked for. */
  rooms: string[];
  /** When the user was last in a room: now while online; null when never, or too long ago. */
  lastSeenAtMs: number | null;
}

/** The presence sessions of every user, over all rooms. */
export interface PresenceSessionRecords {
  /** Records changes. To record a change again changes nothing, so a caller repeats a call that failed. */
  note(changes: PresenceSessionChange[]): Promise<void>;
  /** @param showsRooms whether to read the rooms of a user, and not only whether there are any */
  read(users: readonly string[], showsRooms: (user: string) => boolean): Promise<Whereabouts[]>;
}
