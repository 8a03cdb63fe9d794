import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";

/** What a user shows of itself in a room: any JSON object, such as `{"status": "away"}`. */
export const presenceState = jsonObject(limits.presenceStateBytes);

/** A user who is in a room, over any number of tabs, devices and nodes. */
export const presenceMember = z.object({
  user: memberId,
  /** Null when none was given. */
  state: presenceState.nullable(),
  /** When this stay began, by Redis's clock. */
  since: timestamp,
  profile: profile.nullable(),
});

/** What part of a room's presence to watch. */
export const presenceView = z.strictObject({
  /** `false`: only how many there are, as `presence.count`. */
  members: z.boolean().default(true),
});

/**
 * How a room tells of changes: `each` by itself, a `digest` of them every 2 s (above 200 members), or only the
 * `count` every 2 s (above 5,000, and for views without members).
 */
export const presenceMode = z.enum(["each", "digest", "count"]);

export const presenceSnapshot = z.object({
  mode: presenceMode,
  count: z.int(),
  /** The first 200 in the order in which they came; none in the mode `count`. */
  members: z.array(presenceMember),
  /** Where `presence.get` goes on; null when these are all, or the mode is `count`. */
  nextCursor: z.string().nullable(),
});

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
