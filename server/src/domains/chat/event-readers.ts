import type { EventReaders } from "../shared/queued-event.js";
import { decodeMessage } from "./items.js";
import { messageScript } from "./scripts.js";
import { type ChatDependencies, RoomStore } from "./store.js";

/** The queues hold no text: a message that was deleted since is delivered without it. */
export function chatEventReaders(dependencies: ChatDependencies): EventReaders {
  return {
    "chat.message": {
      async read({ source, values: [text, , id] }) {
        const offset = Number(text);
        const store = new RoomStore(dependencies, source.id);
        const [, { message }] = await store.read(messageScript, null, { offset });
        const found = message ? decodeMessage(offset, message as string) : null;
        // After a loss of the log, the offset may belong to another message.
        return { room: source.id, offset, message: found?.id === id ? found : null };
      },
      users: ({ values: [, user] }) => (user ? [user] : []),
    },
  };
}
