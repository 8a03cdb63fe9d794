/** That a user's stay in a room began or ended: a stay lasts from a join to a leave, however many connections it had. */
export interface StayChange {
  user: string;
  room: string;
  /** Of the room's presence, in which stays are numbered in the order in which they began. */
  epoch: string;
  /** The offset of the join. */
  stay: number;
  ended: boolean;
  /** When Redis said so, in ms since 1970 by its clock. */
  atMs: number;
}

/** Who keeps what is known of users over all rooms. */
export interface StayRecords {
  /** Takes note of changes. What was noted may come again; a call that fails is made again. */
  note(changes: StayChange[]): Promise<void>;
}
