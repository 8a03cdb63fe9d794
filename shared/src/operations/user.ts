import { z } from "zod";
import { noticeData, noticeName, userNotice } from "../events/user.js";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";

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
      data: noticeData.optional(),
    }),
    output: z.object({ notice: userNotice }),
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
      /** Tokens issued at least one second later are valid. */
      revokedAt: timestamp,
    }),
    errors: ["conflict"],
  },
});
