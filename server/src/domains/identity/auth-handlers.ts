import { GrandstandError } from "@grandstand/shared/errors";
import type { Authenticator } from "../../auth/authenticator.js";
import { connectionOf } from "../../calls/call.js";
import { callerId, endOf } from "../../calls/caller.js";
import type { DomainHandlers } from "../../calls/handlers.js";
import type { Connections } from "../../live/connections.js";
import { moment } from "../../redis/moment.js";

export function authHandlers(authenticator: Authenticator, connections: Connections): DomainHandlers<"auth"> {
  return {
    "auth.refresh": async ({ token }, call) => {
      const connection = connectionOf(call);
      const next = await authenticator.identifyConnection(token);
      if (callerId(next) !== callerId(call.caller)) {
        throw new GrandstandError(
          "forbidden",
          "The token is of another caller: open another connection with it",
        );
      }
      connections.replaceCaller(connection, next);
      const expiresAt = endOf(next);
      return {
        user: next.kind === "user" ? next.user : null,
        expiresAt: expiresAt === null ? null : moment(expiresAt),
      };
    },
  };
}
