import { z } from "zod";
import { memberId } from "./ids.js";

/** What an identity provider may send; the name that a guest chooses is shorter. */
const shownName = z.string().max(128);
const avatarUrl = z.string().max(2_048);

/** How a user is shown to others; from the token's `name` and `avatar`. */
export const profile = z
  .object({
    name: shownName.describe("The name that others see."),
    avatar: avatarUrl.nullable().describe("The URL of a picture, or null."),
  })
  .meta({ id: "Profile", description: "How a user is shown to others." });

/** The user behind a token or a session. */
export const user = z
  .object({
    id: memberId.describe("The id of the user."),
    name: shownName.nullable().describe("The name that others see, or null."),
    avatar: avatarUrl.nullable().describe("The URL of a picture, or null."),
    isGuest: z.boolean().describe("Whether the user is a guest."),
  })
  .meta({ id: "User", description: "A user." });

/** A user as an app's own server names it. */
export const newUser = z
  .strictObject({
    id: memberId.describe("The id of the user."),
    name: shownName.nullable().optional().describe("The name that others see."),
    avatar: avatarUrl.nullable().optional().describe("The URL of a picture."),
  })
  .meta({ id: "NewUser", description: "A user of the app." });

export type Profile = z.infer<typeof profile>;
export type User = z.infer<typeof user>;
