import { z } from "zod";
import { resourceId } from "../ids.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";

const ms = z.int().min(0);

export const limitOperations = defineOperations({
  "limit.check": {
    summary: "Count a request of the app against a limit of the app",
    rest: { method: "POST", path: "/limits/{limit}/check" },
    callers: "server",
    access: "write",
    // Takes no idempotency key: a repeated request is meant to count once more.
    isWrite: false,
    cost: 1,
    input: z
      .strictObject({
        limit: resourceId.describe("The name of the limit, such as `login`."),
        key: z.string().min(1).max(256).describe("Whose request it is: a user, an address, a tenant."),
        points: z
          .int()
          .min(1)
          .max(limits.limitPoints)
          .describe("How many points are available at once. They come back evenly over the window."),
        windowMs: z
          .int()
          .min(1)
          .max(limits.limitWindowMs)
          .describe("How long it takes until all points are back, in ms."),
        cost: z
          .int()
          .min(0)
          .max(limits.limitPoints)
          .default(1)
          .describe("How many points the request takes; 0 only reads."),
      })
      .refine(({ cost, points }) => cost <= points, { path: ["cost"], message: "must not be above points" }),
    output: z.object({
      allowed: z.boolean().describe("Whether the points were available. A refused request takes none."),
      remaining: z.int().describe("The points that are left."),
      retryAfterMs: ms.describe("After how long the request can be repeated, in ms; 0 when it is allowed."),
      resetMs: ms.describe("After how long all points are back, in ms."),
    }),
    errors: ["forbidden"],
  },
});
