import { z } from "zod";
import { memberId } from "./ids.js";

/** How a user is shown to others; from the token's `name` and `avatar`. */
export const profile = z.object({ name: z.string(), avatar: z.string().nullable() });

/** The user behind a token or a session. */
export const user = z.object({
  id: memberId,
  name: z.string().nullable(),
  avatar: z.string().nullable(),
  isGuest: z.boolean(),
});

export type Profile = z.infer<typeof profile>;
export type User = z.infer<typeof user>;
