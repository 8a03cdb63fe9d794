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

/** The name and avatar that others see. They come from a token or session, `user.setProfile` or the profile source. */
export const profile = z
  .object({
    name: shownName.describe("The name that others see."),
    avatar: avatarUrl.nullable().describe("The URL of a picture, or null."),
  })
  .meta({ id: "Profile", description: "The name and avatar of a user that others see." });

/** The user of a token or a session. */
export const user = z
  .object({
    id: memberId.describe("The id of the user."),
    name: shownName.nullable().describe("The name that others see, or null."),
    avatar: avatarUrl.nullable().describe("The URL of a picture, or null."),
    isGuest: z.boolean().describe("Whether the user is a guest."),
  })
  .meta({ id: "User", description: "A user." });

/** A user for whom an app's server creates a session. */
export const newUser = z
  .strictObject({
    id: memberId.describe("The id of the user."),
    name: shownName.nullable().optional().describe("The name that others see."),
    avatar: avatarUrl.nullable().optional().describe("The URL of a picture."),
  })
  .meta({ id: "NewUser", description: "A user of the app." });

export type Profile = z.infer<typeof profile>;
export type User = z.infer<typeof user>;
