import { GrandstandError } from "@grandstand/shared/errors";
import type { Authenticator } from "../../auth/authenticator.js";
import { type Caller, callerId } from "../../calls/caller.js";
import type { DomainHandlers } from "../../calls/handlers.js";
import type { Connections } from "../../live/connections.js";

export function authHandlers(authenticator: Authenticator, connections: Connections): DomainHandlers<"auth"> {
  return {
    "auth.refresh": async ({ token }, { caller, connection }) => {
      // The contract has no REST form for it.
      if (!connection) throw new TypeError("auth.refresh was called without a connection");
      const next = await authenticator.identifyConnection(token);
      if (callerId(next) !== callerId(caller)) {
        throw new GrandstandError(
          "forbidden",
          "The token is of another caller: open another connection with it",
        );
      }
      connections.replaceCaller(connection, next);
      return { user: next.kind === "user" ? next.user : null, expiresAt: endOf(next) };
    },
  };
}

function endOf(caller: Caller): string | null {
  const expiresAt = caller.kind === "nobody" ? null : (caller.credential?.expiresAt ?? null);
  return expiresAt === null ? null : new Date(expiresAt).toISOString();
}
