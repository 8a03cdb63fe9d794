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
      data: noticeData.optional().describe("Anything to attach to the notice."),
    }),
    output: z.object({ notice: userNotice.describe("The notice as it was sent.") }),
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
      revokedAt: timestamp.describe("Tokens that are issued at least one second later are accepted again."),
    }),
    errors: ["conflict"],
  },
});
