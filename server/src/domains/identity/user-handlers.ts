import type { Revocations } from "../../auth/revocations.js";
import type { Sessions } from "../../auth/sessions.js";
import type { DomainHandlers } from "../../calls/handlers.js";
import { moment } from "../../redis/moment.js";

export function userRevocationHandlers(
  sessions: Sessions,
  revocations: Revocations,
): Pick<DomainHandlers<"user">, "user.revoke"> {
  return {
    "user.revoke": async ({ user }, { idempotency }) => {
      const at = await revocations.revoke("user", user, idempotency);
      // They are refused already, for having begun before.
      await sessions.endAllOf(user, at);
      return { user, revokedAt: moment(at) };
    },
  };
}
