import { z } from "zod";

/** The schema of a `WireError` that is part of an answer. */
export const wireError = z
  .object({
    code: z.string().describe("The error code."),
    message: z.string().describe("What was wrong, for people. The text may change."),
    issues: z
      .array(
        z.object({
          path: z.string().describe("The field as a dotted path; empty for the whole input."),
          rule: z.string().describe("The name of the rule."),
          message: z.string().describe("What was wrong, for people. The text may change."),
        }),
      )
      .optional()
      .describe("The rules that the input broke."),
    retryAfterMs: z.int().optional().describe("Milliseconds after which a retry can succeed."),
  })
  .meta({ id: "WireError", description: "An error." });
