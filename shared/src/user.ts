import { z } from "zod";
import { memberId } from "./ids.js";
import { hasSafeDirection, isEmptyOrVisible, safeDirectionRule, visibleTextRule } from "./visible-text.js";

/** The name of a user. It may be longer than the name that a guest chooses. */
const shownName = z
  .string()
  .max(128)
  .refine(isEmptyOrVisible, visibleTextRule)
  .refine(hasSafeDirection, safeDirectionRule);
const avatarUrl = z.string().max(2_048);

/** How a user is shown to others; from the token's `name` and `avatar`. */
export const profile = z.object({ name: shownName, avatar: avatarUrl.nullable() });

/** The user behind a token or a session. */
export const user = z.object({
  id: memberId,
  name: shownName.nullable(),
  avatar: avatarUrl.nullable(),
  isGuest: z.boolean(),
});

/** A user as an app's own server names it. */
export const newUser = z.strictObject({
  id: memberId,
  name: shownName.nullable().optional(),
  avatar: avatarUrl.nullable().optional(),
});

export type Profile = z.infer<typeof profile>;
export type User = z.infer<typeof user>;
