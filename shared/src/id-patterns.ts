/**
 * A user or member id has 1 to 128 characters of any writing system, but no control characters and no lone surrogates.
 * A lone surrogate has no UTF-8 form. Two ids that differ only in their lone surrogates would become the same id in Redis.
 */
export const memberIdPattern = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

/** Matches anything but `.` and `..`, which clients remove from paths. */
export const notADotSegment = /^(?!\.{1,2}$)/;

/**
 * Whether a string may be the id of a user or a member, for code that must not load zod. `memberId` (ids.ts) also checks
 * that the id is visible, and that it can't change the direction of the text around it.
 */
export function isMemberId(id: string): boolean {
  return memberIdPattern.test(id) && notADotSegment.test(id);
}
