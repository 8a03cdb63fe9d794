import { GrandstandError } from "@grandstand/shared/errors";
import type { Authenticator } from "../../auth/authenticator.js";
import { withAddedCaps } from "../../authz/grants.js";
import { connectionOf } from "../../core/call.js";
import { callerId, endOf } from "../../core/caller.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { HookGate } from "../../hooks/gate.js";
import type { Connections } from "../../live/connections.js";
import type { DomainModule } from "../shared/module.js";

export function authModule(
  authenticator: Authenticator,
  connections: Connections,
  hooks: HookGate | null,
): DomainModule<"auth"> {
  return {
    operations: {
      "auth.refresh": async ({ token }, call) => {
        const connection = connectionOf(call);
        const next = await authenticator.identifyConnection(token);
        if (callerId(next) !== callerId(call.caller)) {
          throw new GrandstandError(
            "forbidden",
            "The token belongs to another user or API key: open a new connection with it",
          );
        }
        const addedCaps = hooks === null ? [] : await hooks.connect(next, connection.address);
        // Caps are rights on channels. The caps that hooks added for the previous token apply until the connection
        // closes, so a refresh keeps them.
        const { caller: current } = connection;
        const before = current.kind === "user" ? (current.addedCaps ?? []) : [];
        connections.replaceCaller(connection, withAddedCaps(next, [...before, ...addedCaps]));
        const expiresAt = endOf(next);
        return {
          user: next.kind === "user" ? next.user : null,
          expiresAt: expiresAt === null ? null : toIsoTime(expiresAt),
        };
      },
    },
  };
}
