import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../../core/caller.js";

/**
 * Who a call counts as a visitor: a user itself, a server whom it names.
 * @throws {GrandstandError} `forbidden` when a user names another one, `bad_request` when a server names none.
 */
export function visitorOf(caller: Caller, visitor: string | undefined): string {
  if (caller.kind !== "user") {
    if (visitor !== undefined) return visitor;
    throw new GrandstandError("bad_request", "visitor is required", {
      issues: [{ path: "visitor", rule: "type", message: "is required of a caller who is no user" }],
    });
  }
  if (visitor !== undefined && visitor !== caller.user.id) {
    throw new GrandstandError("forbidden", "A user may visit only as itself", {
      issues: [{ path: "visitor", rule: "own", message: "must be the caller's own user id" }],
    });
  }
  return caller.user.id;
}
