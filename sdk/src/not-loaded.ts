import { GrandstandError } from "@grandstand/shared/errors";

/** The error when the code of a part of the client could not be loaded. Such code is loaded on first use. */
export function notLoaded(cause: unknown): GrandstandError {
  return new GrandstandError("unavailable", "A part of the client could not be loaded", { cause });
}
