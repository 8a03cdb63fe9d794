/** A user's stay in a room: from its join to its leave, however many connections it had. */
export interface StayChange {
  user: string;
  room: string;
  epoch: string;
  /** The offset of the join: a later stay in the same epoch has a larger one. */
  stay: number;
  ended: boolean;
  /** When Redis said so, in ms since 1970 by its clock. */
  atMs: number;
}

/** Who keeps what is known of a user over all rooms. */
export interface Stays {
  /** Takes note of changes. What was noted may come again; a call that fails is made again. */
  note(changes: StayChange[]): Promise<void>;
}
