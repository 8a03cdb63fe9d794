import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { LiveUserState } from "./user-state.js";

/**
 * The id that stands for the client's own user, whose real id is not known before the client is connected.
 */
export const OWN = "";

/** A feature that follows the user's channel, such as the inbox. */
export interface UserFollower {
  /** Called at the start, and whenever the status of the subscription changes. */
  onFollowing(status: LiveUserState["status"], error: GrandstandError | null): void;
  onPublication(publication: Publication): void;
}
