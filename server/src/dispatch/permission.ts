import { GrandstandError } from "@grandstand/shared/errors";
import type { Operation } from "@grandstand/shared/operation";
import type { Caller } from "../calls/caller.js";

/**
 * Whether a caller may call an operation at all; what it may do to one board or room is its domain's to say.
 * @throws {GrandstandError} `unauthenticated` or `forbidden`
 */
export function checkCaller(operation: Operation, caller: Caller): void {
  if (operation.callers === "anyone") return;
  if (caller.kind === "nobody") {
    throw new GrandstandError("unauthenticated", "This needs a token: Authorization: Bearer <token>");
  }
  if (operation.callers === "server" && caller.kind !== "server") {
    throw new GrandstandError("forbidden", "This needs an API key");
  }
}
