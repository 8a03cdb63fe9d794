import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { CallOperation } from "../../call-operation.js";
import type { Outbox, Outgoing } from "./outbox.js";

const PAGE = 100;

/**
 * Looks in a room's log for a message whose send was never answered, after the server has forgotten its key.
 * @returns the message; null if the log does not have it; `unknown` if the log no longer shows it
 * @throws {GrandstandError} if the log can't be read
 */
export async function findLostSend(
  call: CallOperation,
  room: string,
  outbox: Outbox,
  outgoing: Outgoing,
): Promise<ChatMessage | null | "unknown"> {
  const { after } = outgoing;
  if (!after) return "unknown";
  const before = await call("chat.history", { room, before: after.offset + 1, limit: 1 });
  // Another epoch: the log was lost, and the message with it if it was there.
  if (before.position?.epoch !== after.epoch) return null;
  // The messages before it were trimmed, so the message itself may have been trimmed too.
  if (after.offset > 0 && before.messages.length === 0) return "unknown";
  for (let from = after.offset; ; ) {
    const page = await call("chat.history", { room, after: from, limit: PAGE });
    const found = page.messages.find((message) => outbox.isSame(message, outgoing));
    const last = page.messages.at(-1);
    if (found || !page.hasMore || !last) return found ?? null;
    from = last.offset;
  }
}
