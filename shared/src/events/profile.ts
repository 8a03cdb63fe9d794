import { z } from "zod";
import { memberId } from "../ids.js";
import { profile } from "../user.js";

/** The event that every channel with profiles of users has. */
export const profileEvents = {
  /**
   * The profile of a user has changed: clients replace the profile everywhere in the state of the channel.
   * The event is not stored, so it gets no offset of its own. It has the offset of the publication before it.
   */
  "profile.updated": z.object({
    user: memberId.describe("The user, or the member of a board."),
    profile: profile.nullable().describe("The profile now; null when the user has none any more."),
  }),
};

export type ProfileUpdated = z.infer<(typeof profileEvents)["profile.updated"]>;
