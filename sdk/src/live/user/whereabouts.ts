import type { CallOperation } from "../../call-operation.js";
import type { Whereabouts } from "../../presence.js";
import { ValuesPolling } from "../channel/live-values.js";

/** Only users themselves and servers may follow a user's channel, so where others are has to be read. */
const READ_MS = 10_000;
/** As on the server. */
const USERS_PER_CALL = 1_000;

/** Where users are: only those that listeners ask about. */
export function whereabouts(wire: {
  readonly isLive: boolean;
  readonly call: CallOperation;
}): ValuesPolling<Whereabouts> {
  return new ValuesPolling<Whereabouts>(wire, {
    everyMs: READ_MS,
    mostKeys: USERS_PER_CALL,
    read: async (users) =>
      (await wire.call("presence.lookup", { users })).users.map((one) => [one.user, one]),
  });
}
