import { z } from "zod";
import { memberIdPattern, notADotSegment } from "./id-patterns.js";
import { limits } from "./limits.js";

/** The id of a board, room or counter: it names keys, paths and channels, so its alphabet is narrow. */
export const resourceId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/,
    "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ - and begin with a letter or a digit",
  );

/** The id of a user or a member. */
export const memberId = z
  .string()
  .regex(memberIdPattern, "must be 1 to 128 characters without control characters")
  .regex(notADotSegment, "must not be . or ..");

/** A name that is shown to people. */
export const displayName = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,40}$/u, "must be 1 to 40 characters without control characters");

export const idempotencyKey = z
  .string()
  .max(limits.idempotencyKeyLength)
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters");
