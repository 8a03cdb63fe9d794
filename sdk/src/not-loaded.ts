import { GrandstandError } from "@grandstand/shared/errors";

/** The error if the code of a part of the client, which is loaded on first use, could not be loaded. */
export function notLoaded(cause: unknown): GrandstandError {
  return new GrandstandError("unavailable", "A part of the client could not be loaded", { cause });
}
