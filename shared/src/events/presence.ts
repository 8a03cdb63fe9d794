import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";

/** The state of a member in a room: any JSON object, such as `{"status": "away"}`. */
export const presenceState = jsonObject(limits.presenceStateBytes);

/** A user in a room, over any number of tabs, devices and nodes. */
export const presenceMember = z.object({
  user: memberId,
  /** Null when none was given. */
  state: presenceState.nullable(),
  /** When the presence session began, by Redis's clock. */
  since: timestamp,
  profile: profile.nullable(),
});

/** The part of a room's presence to follow. */
export const presenceView = z.strictObject({
  /** `false`: only the number of members, as `presence.count`. */
  members: z.boolean().default(true),
});

/**
 * How a room publishes changes: `each` by itself, a `digest` of them every 2 s (above 200 members), or only the
 * `count` every 2 s (above 5,000 members, and for views without members).
 */
export const presenceMode = z.enum(["each", "digest", "count"]);

export const presenceSnapshot = z.object({
  mode: presenceMode,
  count: z.int(),
  /** The first 200 in the order of joining; none in the mode `count`. */
  members: z.array(presenceMember),
  /** The cursor with which `presence.get` continues; null when these are all, or the mode is `count`. */
  nextCursor: z.string().nullable(),
});

export const presenceEvents = {
  "presence.joined": presenceMember,
  "presence.left": z.object({ user: memberId }),
  /** A member's state or profile changed. */
  "presence.updated": presenceMember,
  /**
   * The changes of the last 2 s, each user once, with the latest state. `left` includes users who joined and left since
   * the last digest. A digest above 128 KiB comes in parts; `count` is the number of members after each part.
   */
  "presence.digest": z.object({
    count: z.int(),
    joined: z.array(presenceMember),
    left: z.array(memberId),
    updated: z.array(presenceMember),
  }),
  "presence.count": z.object({ count: z.int() }),
};

export type PresenceMember = z.infer<typeof presenceMember>;
export type PresenceMode = z.infer<typeof presenceMode>;
export type PresenceView = z.infer<typeof presenceView>;
export type PresenceSnapshot = z.infer<typeof presenceSnapshot>;
export type PresenceLeft = z.infer<(typeof presenceEvents)["presence.left"]>;
export type PresenceDigest = z.infer<(typeof presenceEvents)["presence.digest"]>;
export type PresenceCount = z.infer<(typeof presenceEvents)["presence.count"]>;
