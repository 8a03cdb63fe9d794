import { GrandstandError } from "@grandstand/shared/errors";

/** The same error for every invalid credential, so that it does not reveal the reason. */
export function refused(): GrandstandError {
  return new GrandstandError("unauthenticated", "The credentials are not valid");
}
