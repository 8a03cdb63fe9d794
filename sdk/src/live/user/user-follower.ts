import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { LiveUserState } from "./user-state.js";

/** Stands for the client's own user, whose id is known once the client is connected. */
export const OWN = "";

/** Follows the user's channel for another feature. */
export interface UserFollower {
  /** The subscription has another status than before. */
  onFollowing(status: LiveUserState["status"], error: GrandstandError | null): void;
  onPublication(publication: Publication): void;
}
