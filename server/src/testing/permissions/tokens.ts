import { vi } from "vitest";
import { Authenticator } from "../../auth/authenticator.js";
import type { Caller } from "../../calls/caller.js";

const PREFIX = "test-caller:";

/** A token for this caller, for the nodes of a test that calls `acceptTestTokens`. */
export function tokenFor(caller: Caller): string {
  return PREFIX + Buffer.from(JSON.stringify(caller)).toString("base64url");
}

/** Lets the nodes of this process take such tokens beside those that they issue. */
export function acceptTestTokens(): void {
  for (const way of ["identify", "identifyConnection"] as const) {
    const identify = Authenticator.prototype[way];
    vi.spyOn(Authenticator.prototype, way).mockImplementation(async function (this: Authenticator, token) {
      if (!token?.startsWith(PREFIX)) return identify.call(this, token);
      return JSON.parse(Buffer.from(token.slice(PREFIX.length), "base64url").toString()) as Caller;
    });
  }
}
