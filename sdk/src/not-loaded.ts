import { GrandstandError } from "@grandstand/shared/errors";

/** The error for a part of the client whose code, loaded when it is first used, did not arrive. */
export function notLoaded(cause: unknown): GrandstandError {
  return new GrandstandError("unavailable", "A part of the client could not be loaded", { cause });
}
