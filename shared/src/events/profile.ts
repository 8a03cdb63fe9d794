import { z } from "zod";
import { memberId } from "../ids.js";
import { profile } from "../user.js";

/** The event of every channel that shows users. */
export const profileEvents = {
  /**
   * The profile of a user whom the channel shows has changed, wherever the channel shows it. It is not stored: it carries the
   * offset of the publication before it.
   */
  "profile.updated": z.object({
    user: memberId.describe("The user, or the member of a board."),
    profile: profile.nullable().describe("The profile now; null when the user has none any more."),
  }),
};

export type ProfileUpdated = z.infer<(typeof profileEvents)["profile.updated"]>;
