import type { GrandstandError } from "@grandstand/shared/errors";
import type { UserNotice } from "@grandstand/shared/events/user";

/** The state of a live user. */
export interface LiveUserState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known state, which is being read again ·
   * `failed`: the server refuses to show the user, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The rooms that the user is in, over all devices, by id. */
  readonly rooms: readonly string[];
  /** The notices that servers sent to the user: the last 50 of the last 24 hours, oldest first. */
  readonly notices: readonly UserNotice[];
  /** Why the user is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingUser: LiveUserState = { status: "loading", rooms: [], notices: [], error: null };
