import { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember, PresenceMode } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";

/** The state that a user shows in a room: a JSON object of at most 2 KiB. */
export type PresenceState = JsonObject;

/** The state of a live presence. Members that did not change stay the same objects. */
export interface LivePresenceState {
  /**
   * `loading`: nothing to show yet · `live`: the present members · `stale`: the last known members, which are being read
   * again · `failed`: the server refuses to show the room, or the client is closed. A room that the user may see later
   * becomes live by itself.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** How the room publishes changes: `each` at once, a `digest` or only the `count` every 2 s; null while loading. */
  readonly mode: PresenceMode | null;
  /** The number of users in the room; 0 while nothing is known. */
  readonly count: number;
  /** The first members in the order in which they joined, up to the view's limit; none in the mode `count`. */
  readonly members: readonly PresenceMember[];
  /** Whether `members` holds every member of the room. */
  readonly isComplete: boolean;
  /** Whether the server has confirmed on the present connection that this client is in the room; false after a ban. */
  readonly isIn: boolean;
  /** The state that this client shows, or is about to show; null if it shows none. */
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

/** The error of a change of state in a room that the client has not entered. */
export function notEntered(room: string): GrandstandError {
  return new GrandstandError("conflict", `This client has not entered the room ${room}`);
}
