import type { EventReaders } from "../shared/queued-event.js";
import { decodeMessage } from "./items.js";
import { messageScript } from "./scripts.js";
import { type ChatDependencies, RoomStore } from "./store.js";

/**
 * Reads the message of a queued event when the event is delivered. A queue has only the offset of a message, so the text
 * of a message that was deleted meanwhile is not delivered.
 */
export function chatEventReaders(dependencies: ChatDependencies): EventReaders {
  return {
    "chat.message": {
      async read({ source, values: [text, , id] }) {
        const offset = Number(text);
        const store = new RoomStore(dependencies, source.id);
        const [, { message }] = await store.read(messageScript, null, { offset });
        const found = message ? decodeMessage(offset, message as string) : null;
        // If Redis lost the room's log after the event, the offset may belong to another message by now.
        return { room: source.id, offset, message: found?.id === id ? found : null };
      },
      users: ({ values: [, user] }) => (user ? [user] : []),
    },
  };
}
