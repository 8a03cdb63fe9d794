import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { CallOperation } from "../../call-operation.js";
import type { Outbox, Outgoing } from "./outbox.js";

const PAGE = 100;

/**
 * Searches the log of a room for a message whose `chat.send` got no reply. This is needed once the server may
 * have forgotten the idempotency key, because sending the message again could post it twice.
 * @returns the message; null if it is not in the log; `unknown` if it may have been trimmed from the log, or if
 * the room was not followed when `send` was called
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
  if (before.position === null) return null;
  const isSameLog = before.position.epoch === after.epoch;
  // If the messages before the sought one were trimmed from the log, the sought one may have been trimmed too.
  let mayBeTrimmed = isSameLog && after.offset > 0 && before.messages.length === 0;
  // A new epoch means that the former log was lost. The message may be in the new log, whose offsets start again.
  const sought = isSameLog ? outgoing : { ...outgoing, after: null };
  for (let from = isSameLog ? after.offset : 0; ; ) {
    const page = await call("chat.history", { room, after: from, limit: PAGE });
    const found = page.messages.find((message) => outbox.isSame(message, sought));
    if (found) return found;
    const [first] = page.messages;
    if (from === 0 && first !== undefined && first.offset > 1) mayBeTrimmed = true;
    const last = page.messages.at(-1);
    if (!page.hasMore || !last) return mayBeTrimmed ? "unknown" : null;
    from = last.offset;
  }
}
