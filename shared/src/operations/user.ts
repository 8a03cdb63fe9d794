import { z } from "zod";
import { noticeData, noticeName, userNotice } from "../events/user.js";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";

export const userOperations = defineOperations({
  "user.notify": {
    summary: "Tell a user something on all of its devices; those that come within a day find it",
    rest: { method: "POST", path: "/users/{user}/notices" },
    callers: "server",
    access: { right: "administer", channel: "user:{user}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      user: memberId,
      name: noticeName,
      data: noticeData.optional(),
    }),
    output: z.object({ notice: userNotice }),
    errors: ["forbidden", "conflict"],
  },
  "user.revoke": {
    summary: "End a user's sessions, refuse all tokens issued until now, and close the user's connections",
    rest: { method: "POST", path: "/users/{user}/revoke" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 5,
    input: z.strictObject({ user: memberId }),
    output: z.object({
      user: memberId,
      /** Tokens issued later, by a second at least, are taken again. */
      revokedAt: timestamp,
    }),
    errors: ["conflict"],
  },
});
