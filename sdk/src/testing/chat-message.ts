import type { ChatMessage } from "@grandstand/shared/events/chat";

/** A message with default values for all fields that are not given. */
export function chatMessage(offset: number, fields: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: `item-${offset}`,
    offset,
    user: null,
    text: "",
    metadata: null,
    replyTo: null,
    sentAt: "2025-01-01T00:00:00.000Z",
    editedAt: null,
    deleted: false,
    reactions: {},
    profile: null,
    ...fields,
  };
}
