import type { Push } from "@grandstand/shared/channels";
import type { PresenceDigest, PresenceLeft, PresenceMember } from "@grandstand/shared/events/presence";
import type { CallOperation } from "../../call-operation.js";
import type { Whereabouts } from "../../presence.js";
import { ValuesPolling } from "../channel/live-values.js";

/**
 * A user may not follow the channel of another user. Instead, the client reads at this interval where other
 * users are. The client also reads after one of these users has joined or left a room that the client follows.
 */
const READ_MS = 10_000;
/** The most users that one call reads. The server has the same limit. */
const USERS_PER_CALL = 1_000;

/** Polls where users are. A poll covers the users of every live view that has a listener. */
export function whereabouts(wire: {
  readonly isLive: boolean;
  readonly call: CallOperation;
}): ValuesPolling<Whereabouts> {
  return new ValuesPolling<Whereabouts>(wire, {
    everyMs: READ_MS,
    mostKeys: USERS_PER_CALL,
    read: async (users) =>
      (await wire.call("presence.lookup", { users })).users.map((one) => [one.user, one]),
    touchedBy: ({ publications }) => publications.flatMap(movedUsers),
  });
}

/** The users who joined or left a room according to a publication of its presence. */
function movedUsers({ event, data }: Push["publications"][number]): string[] {
  if (event === "presence.joined" || event === "presence.left")
    return [(data as PresenceMember | PresenceLeft).user];
  if (event !== "presence.digest") return [];
  const { joined, left } = data as PresenceDigest;
  return [...joined.map(({ user }) => user), ...left];
}
