/**
 * The start or the end of a presence session. A presence session is the time from a user's join to the leave, over any number
 * of connections. Its epoch and its join offset identify it.
 */
export interface PresenceSessionChange {
  user: string;
  room: string;
  /** The epoch of the room's presence. */
  epoch: string;
  joinOffset: number;
  ended: boolean;
  /**
   * If `ended`, the time when the presence session ended. Otherwise a time at which the user was a member in Redis.
   * In ms since 1970 by Redis's clock.
   */
  atMs: number;
}

/** Whether a user is online, and in which rooms. */
export interface Whereabouts {
  isOnline: boolean;
  /** The ids of the rooms. Empty if they were not requested. */
  rooms: string[];
  /** When the user was last in a room: now for an online user; null for never, or for more than 30 days ago. */
  lastSeenAtMs: number | null;
}

/** The presence sessions of every user, over all rooms. */
export interface PresenceSessionRecords {
  /** Records changes. Recording a change again has no effect, so a caller may repeat a failed call. */
  note(changes: PresenceSessionChange[]): Promise<void>;
  /** @param showsRooms whether to read the ids of a user's rooms, too */
  read(users: readonly string[], showsRooms: (user: string) => boolean): Promise<Whereabouts[]>;
}
