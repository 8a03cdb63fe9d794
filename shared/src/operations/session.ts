import { z } from "zod";
import { displayName } from "../ids.js";
import { timestamp } from "../json.js";
import { defineOperations } from "../operation.js";
import { user } from "../user.js";

export const sessionOperations = defineOperations({
  "session.create": {
    summary: "Begin a guest's session",
    rest: { method: "POST", path: "/sessions", status: 201 },
    callers: "anyone",
    access: "write",
    // Its answer is a secret: replaying it to whoever guesses the key would give the session away.
    isWrite: false,
    cost: 5,
    input: z.strictObject({ name: displayName }),
    output: z.object({
      user,
      /** The bearer token, shown once. */
      token: z.string(),
      /** The session ends then unless it is used before, which moves the end. */
      expiresAt: timestamp,
    }),
    errors: ["forbidden"],
  },
});
