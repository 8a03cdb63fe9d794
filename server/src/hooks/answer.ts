import { capabilities } from "@grandstand/shared/rights";
import { z } from "zod";

const refusalCodes = ["forbidden", "bad_request", "conflict", "rate_limited"] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** The longest time for which a node may cache the answer of an HTTP hook. */
const MAX_CACHE_SECONDS = 3_600;

/** What a hook may answer. `cacheSeconds` has an effect for HTTP hooks only. */
const hookAnswer = z.strictObject({
  refuse: z.string().min(1).max(500).optional(),
  code: z.enum(refusalCodes).optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  caps: capabilities.optional(),
  cacheSeconds: z.int().min(0).max(MAX_CACHE_SECONDS).optional(),
});
export type HookAnswer = z.output<typeof hookAnswer>;

/**
 * Checks the answer of a hook. `null`, `undefined` and an object without fields allow the call.
 * @throws {Error} for a wrong field. The message is logged, so it names the field but not the field's value
 */
export function readAnswer(answer: unknown): HookAnswer {
  const { data, error } = hookAnswer.safeParse(answer ?? {});
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new Error(`the hook answered with a wrong ${issue?.path.join(".") || "value"}: ${issue?.message}`);
}
