import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";

/** What a user shows of itself in a room: any JSON object, such as `{"status": "away"}`. */
export const presenceState = jsonObject(limits.presenceStateBytes).meta({
  id: "PresenceState",
  description: "What a user shows of itself in a room: any JSON object.",
});

/** A user who is in a room, over any number of tabs, devices and nodes. */
export const presenceMember = z
  .object({
    user: memberId,
    state: presenceState.nullable().describe("What the user shows of itself; null when none was given."),
    since: timestamp.describe("When the presence session began, by the clock of Redis."),
    profile: profile.nullable().describe("How the user is shown; null when unknown."),
  })
  .meta({ id: "PresenceMember", description: "A user who is in a room." });

/** What part of a room's presence to watch. */
export const presenceView = z
  .strictObject({
    members: z
      .boolean()
      .default(true)
      .describe("False to receive only the number of members, as `presence.count`."),
  })
  .meta({ id: "PresenceView", description: "The part of the presence of a room to watch." });

/**
 * How a room tells of changes: `each` by itself, a `digest` of them every 2 s (above 200 members), or only the
 * `count` every 2 s (above 5,000, and for views without members).
 */
export const presenceMode = z.enum(["each", "digest", "count"]).meta({
  id: "PresenceMode",
  description:
    "How a room publishes changes: each by itself, as a digest every 2 s, or only the count every 2 s.",
});

export const presenceSnapshot = z
  .object({
    mode: presenceMode.describe("How the room publishes changes."),
    count: z.int().describe("The number of members."),
    members: z
      .array(presenceMember)
      .describe("The first 200 members in the order of their joins; empty in the mode `count`."),
    nextCursor: z
      .string()
      .nullable()
      .describe("The cursor for `presence.get`; null when the list is complete or the mode is `count`."),
  })
  .meta({ id: "PresenceSnapshot", description: "Who is in a room." });

export const presenceEvents = {
  "presence.joined": presenceMember,
  "presence.left": z.object({ user: memberId }),
  /** A member's state or profile changed. */
  "presence.updated": presenceMember,
  /**
   * What changed over the last 2 s, each user once, as it is now; `left` names also those who came and went. One that is
   * larger than 128 KiB comes in parts, and `count` is how many there are with what was told.
   */
  "presence.digest": z.object({
    count: z.int().describe("The number of members after these changes."),
    joined: z.array(presenceMember).describe("The members who joined."),
    left: z
      .array(memberId)
      .describe("The users who left, including those who joined and left within the digest."),
    updated: z.array(presenceMember).describe("The members whose state or profile changed."),
  }),
  "presence.count": z.object({ count: z.int().describe("The number of members.") }),
};

export type PresenceMember = z.infer<typeof presenceMember>;
export type PresenceMode = z.infer<typeof presenceMode>;
export type PresenceView = z.infer<typeof presenceView>;
export type PresenceSnapshot = z.infer<typeof presenceSnapshot>;
export type PresenceLeft = z.infer<(typeof presenceEvents)["presence.left"]>;
export type PresenceDigest = z.infer<(typeof presenceEvents)["presence.digest"]>;
export type PresenceCount = z.infer<(typeof presenceEvents)["presence.count"]>;
