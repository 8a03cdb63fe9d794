import type { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember, PresenceMode } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";

/** What a user shows of itself in a room: a JSON object of at most 2 KiB. */
export type PresenceState = JsonObject;

/** Who is in a room, live. Members who did not change are the same objects as before. */
export interface LivePresenceState {
  /**
   * `loading`: nothing to show yet · `live`: this is who is here · `stale`: this is who was, and is being read
   * again · `failed`: the server refuses to show it, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** How the room tells of changes: `each` at once, a `digest` of them or only the `count` every 2 s; null while loading. */
  readonly mode: PresenceMode | null;
  /** How many users are in the room; 0 while nothing is known. */
  readonly count: number;
  /** The first of them in the order in which they came, up to the view's limit; none in the mode `count`. */
  readonly members: readonly PresenceMember[];
  /** Whether these are all who are here. */
  readonly isComplete: boolean;
  /** Whether this client is in the room, as far as the server has said on the present connection; false after a ban. */
  readonly isIn: boolean;
  /** What this client shows of itself, or is about to; null when it shows nothing. */
  readonly state: PresenceState | null;
  /** Why the room is not live, or why what this client wanted to show was refused, where that is known. */
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
