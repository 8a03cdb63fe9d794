import { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember, PresenceMode } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";

/** The state that a user shows in a room: a JSON object of at most 2 KiB. */
export type PresenceState = JsonObject;

/** The state of a live presence. Members that did not change stay the same objects. */
export interface LivePresenceState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known members, which are being
   * read again · `failed`: the server refuses to show the room, or the client is closed. If the user gets
   * access later, the room becomes live automatically.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /**
   * How the room publishes changes; null if not known:
   * - `each`: every change at once
   * - `digest`: many changes together, every 2 s
   * - `count`: only the number of users, every 2 s
   */
  readonly mode: PresenceMode | null;
  /** The number of users in the room; 0 while it is not known. */
  readonly count: number;
  /** The first members in the order in which they joined, up to the view's limit; none in the mode `count`. */
  readonly members: readonly PresenceMember[];
  /** Whether `members` contains every member of the room. */
  readonly isComplete: boolean;
  /** Whether the server has confirmed on the current connection that this client is in the room. */
  readonly isIn: boolean;
  /** The state of this client that other users see, or will see once it is sent; null if there is none. */
  readonly state: PresenceState | null;
  /** Why the room is not live, or why the state of this client was refused, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingPresence: LivePresenceState = {
  status: "loading",
  mode: null,
  count: 0,
  members: [],
  isComplete: false,
  isIn: false,
  state: null,
  error: null,
};

/** The error when an app changes its state in a room that the client has not entered. */
export function notEntered(room: string): GrandstandError {
  return new GrandstandError("conflict", `This client has not entered the room ${room}`);
}
