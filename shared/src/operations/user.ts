import { z } from "zod";
import { noticeData, noticeName, userNotice } from "../events/user.js";
import { memberId } from "../ids.js";
import { defineOperations } from "../operation.js";

export const userOperations = defineOperations({
  "user.notify": {
    summary: "Tell a user something on all of its devices; those that come within a day find it",
    rest: { method: "POST", path: "/users/{user}/notices" },
    callers: "server",
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
});
