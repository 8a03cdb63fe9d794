import { GrandstandError } from "@grandstand/shared/errors";
import type { Sessions } from "../../auth/sessions.js";
import type { DomainHandlers } from "../../calls/handlers.js";

/** @param guestsAllowed whether anyone may begin a guest's session. */
export function sessionHandlers(sessions: Sessions, guestsAllowed: boolean): DomainHandlers<"session"> {
  return {
    "session.create": async ({ name }) => {
      if (!guestsAllowed) throw new GrandstandError("forbidden", "Guests are not allowed here");
      const { user, token, expiresAt } = await sessions.createGuest(name);
      return { user, token, expiresAt: expiresAt.toISOString() };
    },
  };
}
