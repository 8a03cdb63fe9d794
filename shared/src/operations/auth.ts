import { z } from "zod";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";
import { user } from "../user.js";

export const authOperations = defineOperations({
  "auth.refresh": {
    summary: "Go on with another token of the same user, or another key of the same name; subscriptions stay",
    rest: null,
    callers: "authenticated",
    access: null,
    // A repeat sets the same token again.
    isWrite: false,
    cost: 2,
    input: z.strictObject({ token: z.string().min(1).max(8192).describe("The new token.") }),
    output: z.object({
      user: user.nullable().describe("The user; null for an API key."),
      expiresAt: timestamp
        .nullable()
        .describe("When the credentials of the connection expire now; null when they have no fixed end."),
    }),
    errors: ["forbidden"],
  },
});
