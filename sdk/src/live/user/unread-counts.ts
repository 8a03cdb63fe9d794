import type { ChatUnread } from "@grandstand/shared/events/user";
import type { CallOperation } from "../../call-operation.js";
import { ValuesPolling } from "../channel/live-values.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveUsers } from "./live-user.js";
import { OWN } from "./user-follower.js";

/**
 * The user's channel publishes the unread counts of the user's own rooms: rooms where the user is a member, has written, or
 * has marked something as read, and direct rooms with a message. The channel publishes no counts of other rooms, so all
 * counts are also read at this interval.
 */
const READ_MS = 60_000;
/** The most rooms that one call reads. The server has the same limit. */
const ROOMS_PER_CALL = 100;

/** The live unread counts of the rooms that have listeners. */
export function unreadCounts(
  wire: { readonly isLive: boolean; readonly call: CallOperation },
  users: LazyLive<LiveUsers>,
): ValuesPolling<number> {
  return new ValuesPolling<number>(wire, {
    everyMs: READ_MS,
    mostKeys: ROOMS_PER_CALL,
    read: async (rooms) =>
      (await wire.call("chat.unread", { rooms })).rooms.map(({ room, unread }) => [room, unread]),
    follow: (values) => {
      let wasInterrupted = false;
      return users.use((live) =>
        live.open(OWN).follow({
          onFollowing: (status) => {
            // Publications during the interruption were missed.
            if (status === "live" && wasInterrupted) values.refresh();
            wasInterrupted = status === "stale" || status === "failed";
          },
          onPublication: ({ event, data }) => {
            if (event !== "chat.unread") return;
            const { room, unread } = data as ChatUnread;
            values.take(room, unread);
          },
        }),
      );
    },
  });
}
