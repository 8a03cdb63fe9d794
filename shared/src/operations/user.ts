import { z } from "zod";
import { noticeData, noticeName, userNotice } from "../events/user.js";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { newUser, profile } from "../user.js";

const shownProfile = z.object({
  user: memberId.describe("The user."),
  profile: profile.nullable().describe("How the user is shown; null when unknown."),
});

/** Counts of what was removed, by domain and kind, such as `{"leaderboard": {"entries": 3}}`. */
const removed = z
  .record(z.string(), z.record(z.string(), z.int()))
  .describe("The number of removed items, by domain and kind.");

export const userOperations = defineOperations({
  "user.notify": {
    summary: "Send a notice to all devices of a user; devices that connect within a day receive it too",
    rest: { method: "POST", path: "/users/{user}/notices" },
    callers: "server",
    access: { right: "administer", channel: "user:{user}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      user: memberId,
      name: noticeName,
      data: noticeData.optional().describe("Anything to attach to the notice."),
    }),
    output: z.object({ notice: userNotice.describe("The notice as it was sent.") }),
    errors: ["forbidden", "conflict"],
  },
  "user.revoke": {
    summary: "Revoke all sessions and tokens of a user issued until now, and close the user's connections",
    rest: { method: "POST", path: "/users/{user}/revoke" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 5,
    input: z.strictObject({ user: memberId }),
    output: z.object({
      user: memberId,
      revokedAt: timestamp.describe(
        "When the tokens were revoked. Tokens issued at least one second later are valid.",
      ),
    }),
    errors: ["conflict"],
  },
  "user.profiles": {
    summary: "Read how up to 100 users are shown now",
    rest: { method: "POST", path: "/users/profiles/lookup" },
    callers: "authenticated",
    access: "read",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      users: z.array(memberId).min(1).max(limits.profilesPerLookup).describe("The users to look up."),
    }),
    output: z.object({
      profiles: z.array(shownProfile).describe("One for each user, in the order of the input."),
    }),
    errors: [],
  },
  "user.setProfile": {
    summary: "Rename a user: the profile changes at once wherever the user is shown",
    rest: { method: "PUT", path: "/users/{user}/profile" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      user: memberId,
      name: newUser.shape.name
        .unwrap()
        .describe("The name that others see; null for a user without a profile."),
      avatar: newUser.shape.avatar.describe("The URL of a picture."),
    }),
    output: shownProfile,
    errors: ["conflict"],
  },
  "user.invalidateProfile": {
    summary: "Fetch a user's profile from the app's backend again, because it changed there",
    rest: { method: "POST", path: "/users/{user}/profile/invalidate" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ user: memberId }),
    output: shownProfile,
    errors: [],
  },
  "user.erase": {
    summary: "Revoke a user's credentials and remove everything that is stored about the user",
    rest: { method: "POST", path: "/users/{user}/erase" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 20,
    input: z.strictObject({ user: memberId }),
    output: z.object({
      status: z
        .enum(["running", "done"])
        .describe(
          "`running` while the erasure continues as a job. A repeat with the same idempotency key reads its progress.",
        ),
      startedAt: timestamp.describe("When the erasure started."),
      removed,
    }),
    errors: ["conflict"],
  },
  "user.export": {
    summary: "Export everything that is stored about a user, one JSON object a line",
    rest: { method: "GET", path: "/users/{user}/export", stream: "download" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 20,
    input: z.strictObject({
      user: memberId,
      cursor: z
        .string()
        .min(1)
        .max(limits.exportCursorLength)
        .optional()
        .describe("The `nextCursor` of an earlier part."),
    }),
    output: z.object({
      content: z.string().describe("The lines of this part."),
      nextCursor: z
        .string()
        .nullable()
        .describe(
          "The cursor of the next part; null after the last one. Over REST all parts follow by themselves.",
        ),
    }),
    errors: [],
  },
});
