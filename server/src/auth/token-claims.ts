import { memberId } from "@grandstand/shared/ids";
import { capabilities, role } from "@grandstand/shared/rights";
import { newUser } from "@grandstand/shared/user";
import { z } from "zod";

const { name, avatar } = newUser.shape;

/** The claims of a JWT that Grandstand reads. A malformed one is refused; other claims are ignored. */
export const tokenClaims = z.object({
  sub: memberId,
  /** Seconds since 1970, as `iat`. */
  exp: z.number().min(0),
  iat: z.number().min(0).optional(),
  name,
  avatar,
  role: role.optional(),
  caps: capabilities.optional(),
});
