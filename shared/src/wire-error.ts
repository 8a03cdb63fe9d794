import { z } from "zod";

/** The schema of a `WireError` that is part of an answer. */
export const wireError = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ path: z.string(), rule: z.string(), message: z.string() })).optional(),
  retryAfterMs: z.int().optional(),
});
