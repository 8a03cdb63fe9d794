import { z } from "zod";
import { memberIdPattern, notADotSegment } from "./id-patterns.js";
import { limits } from "./limits.js";
import { hasSafeDirection, isEmptyOrVisible, safeDirectionRule, visibleTextRule } from "./visible-text.js";

/** A JSON Schema pattern without control characters. Validators may not support Unicode categories such as `\p{Cc}`. */
const noControls = "^[^\\x00-\\x1f\\x7f-\\x9f]+$";

/** The id of a board, room or counter. It is part of keys, paths and channels, so its alphabet is narrow. */
export const resourceId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ - and begin with a letter or a digit",
  )
  .meta({ id: "ResourceId", description: "The id of a board, room or counter." });

/** The id of a user or a member. */
export const memberId = z
  .string()
  .regex(memberIdPattern, "must be 1 to 128 characters without control characters")
  .regex(notADotSegment, "must not be . or ..")
  .refine(isEmptyOrVisible, visibleTextRule)
  .refine(hasSafeDirection, safeDirectionRule)
  .meta({
    id: "MemberId",
    description: "The id of a user or a member: 1 to 128 characters without control characters.",
    minLength: 1,
    maxLength: 128,
    pattern: noControls,
    not: { enum: [".", ".."] },
  });

/** A name that is shown to people. */
export const displayName = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,40}$/u, "must be 1 to 40 characters without control characters")
  .refine(isEmptyOrVisible, visibleTextRule)
  .refine(hasSafeDirection, safeDirectionRule)
  .meta({ minLength: 1, maxLength: 40, pattern: noControls });

export const idempotencyKey = z
  .string()
  .max(limits.idempotencyKeyLength)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters");
