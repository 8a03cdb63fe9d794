import { memberId } from "@grandstand/shared/ids";
import { capabilities, role } from "@grandstand/shared/rights";
import { newUser } from "@grandstand/shared/user";
import { hasVisibleText } from "@grandstand/shared/visible-text";
import { z } from "zod";

const { name, avatar } = newUser.shape;

/**
 * The claims that Grandstand reads in a JWT. A token is refused if one of these claims is malformed. All other claims are
 * ignored.
 */
export const tokenClaims = z.object({
  sub: memberId,
  /** In seconds since 1970, like `iat`. */
  exp: z.number().min(0),
  iat: z.number().min(0).optional(),
  /** An identity provider may send an empty name for a user without a name. */
  name: z.preprocess((claimed) => (isBlank(claimed) ? null : claimed), name),
  avatar,
  role: role.optional(),
  caps: capabilities.optional(),
});

function isBlank(claimed: unknown): boolean {
  return typeof claimed === "string" && !hasVisibleText(claimed);
}
