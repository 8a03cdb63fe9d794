import { z } from "zod";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";
import { user } from "../user.js";

export const authOperations = defineOperations({
  "auth.refresh": {
    summary: "Go on with another token of the same user, or another key of the same name; subscriptions stay",
    rest: null,
    callers: "authenticated",
    // A repeat sets the same token again.
    isWrite: false,
    cost: 2,
    input: z.strictObject({ token: z.string().min(1).max(8192) }),
    output: z.object({
      /** Null for a caller with an API key. */
      user: user.nullable(),
      /** When the connection's credentials end now; null when they have no fixed end. */
      expiresAt: timestamp.nullable(),
    }),
    errors: ["forbidden"],
  },
});
