import { z } from "zod";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";

export const userOperations = defineOperations({
  "user.revoke": {
    summary: "End a user's sessions, refuse all tokens issued until now, and close the user's connections",
    rest: { method: "POST", path: "/users/{user}/revoke" },
    callers: "server",
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
