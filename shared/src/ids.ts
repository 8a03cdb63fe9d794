import { z } from "zod";
import { limits } from "./limits.js";
import { hasSafeDirection, isEmptyOrVisible, safeDirectionRule, visibleTextRule } from "./visible-text.js";

/** The id of a board, room or counter: it names keys, paths and channels, so its alphabet is narrow. */
export const resourceId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ - and begin with a letter or a digit",
  );

/**
 * The id of a user or a member: 1 to 128 characters of any script. Lone surrogates are refused with the
 * control characters: they have no UTF-8 form, so two such ids would become one in Redis. So are `.` and `..`,
 * which no path can name: clients resolve them away.
 */
export const memberId = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,128}$/u, "must be 1 to 128 characters without control characters")
  .regex(/^(?!\.{1,2}$)/, "must not be . or ..")
  .refine(isEmptyOrVisible, visibleTextRule)
  .refine(hasSafeDirection, safeDirectionRule);

/** A name that is shown to people. */
export const displayName = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,40}$/u, "must be 1 to 40 characters without control characters")
  .refine(isEmptyOrVisible, visibleTextRule)
  .refine(hasSafeDirection, safeDirectionRule);

export const idempotencyKey = z
  .string()
  .max(limits.idempotencyKeyLength)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters");
