import { capabilities } from "@grandstand/shared/rights";
import { z } from "zod";

const refusalCodes = ["forbidden", "bad_request", "conflict", "rate_limited"] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** How long an answer over HTTP may be reused, at most. */
const MAX_CACHE_SECONDS = 3_600;

/** What a hook may answer. `cacheSeconds` has no effect in process. */
const hookAnswer = z.strictObject({
  refuse: z.string().min(1).max(500).optional(),
  code: z.enum(refusalCodes).optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  caps: capabilities.optional(),
  cacheSeconds: z.int().min(0).max(MAX_CACHE_SECONDS).optional(),
});
export type HookAnswer = z.output<typeof hookAnswer>;

/**
 * Checks the answer of a hook. No answer allows the call, as does one without fields.
 * @throws {Error} that names the wrong field, for the log; it contains no value
 */
export function readAnswer(answer: unknown): HookAnswer {
  const { data, error } = hookAnswer.safeParse(answer ?? {});
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new Error(`the hook answered with a wrong ${issue?.path.join(".") || "value"}: ${issue?.message}`);
}
