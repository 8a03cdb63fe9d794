import { GrandstandError } from "@grandstand/shared/errors";

/** The same for all credentials that are no good: why is nothing that a caller should learn. */
export function refused(): GrandstandError {
  return new GrandstandError("unauthenticated", "The credentials are not valid");
}
