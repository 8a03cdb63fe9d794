import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";
import { profileEvents } from "./profile.js";

/** The state of a member in a room: any JSON object, such as `{"status": "away"}`. */
export const presenceState = jsonObject(limits.presenceStateBytes).meta({
  id: "PresenceState",
  description: 'The state of a member in a room: any JSON object, such as `{"status": "away"}`.',
});

/** A user in a room, over any number of tabs, devices and nodes. */
export const presenceMember = z
  .object({
    user: memberId,
    state: presenceState.nullable().describe("The state of the member; null when none was given."),
    since: timestamp.describe("When the presence session began, by the clock of Redis."),
    profile: profile.nullable().describe("The profile of the user; null when unknown."),
  })
  .meta({ id: "PresenceMember", description: "A user who is in a room." });

/** The part of a room's presence to follow. */
export const presenceView = z
  .strictObject({
    members: z
      .boolean()
      .default(true)
      .describe("False to receive only the number of members, as `presence.count`."),
  })
  .meta({ id: "PresenceView", description: "The part of the presence of a room to follow." });

/**
 * How a room publishes changes:
 * `each`: every change by itself ·
 * `digest`: every 2 s, the changes of these 2 s together (above 200 members) ·
 * `count`: every 2 s, only the number of members (above 5,000 members, and for views without members).
 */
export const presenceMode = z.enum(["each", "digest", "count"]).meta({
  id: "PresenceMode",
  description:
    "How a room publishes changes: each by itself, a digest every 2 s above 200 members, or only the count every 2 s above 5,000 members.",
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
  .meta({ id: "PresenceSnapshot", description: "The members of a room." });

export const presenceEvents = {
  ...profileEvents,
  "presence.joined": presenceMember,
  "presence.left": z.object({ user: memberId }),
  /** A member's state or profile changed. */
  "presence.updated": presenceMember,
  /**
   * The changes of the last 2 s. Each user appears once, with the latest state. `left` includes users who joined and left
   * since the last digest. A digest above 128 KiB comes in parts; the `count` of a part is the number of members after it.
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
