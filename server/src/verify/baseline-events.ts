import type { ChatMessage } from "@grandstand/shared/events/chat";

export const ROOM = "room";
/** The id of the room's list of messages. There is only one, because the list is never replaced during a run. */
export const EPOCH = "baseline";

export type BaselineMessage = Pick<ChatMessage, "id" | "offset" | "text">;

type Ack = (ack: { ok: true; data: object }) => void;

/**
 * The messages between clients and nodes of a plain Socket.IO room, which Grandstand is compared with. The operations
 * have Grandstand's names, so that the same writers can call them.
 */
export interface BaselineEvents {
  /** Sent to clients. */
  message: (message: BaselineMessage) => void;
  /** Joins the room. The acknowledgement has the offset of the room's last message. */
  follow: (ack: (reply: { offset: number }) => void) => void;
  "chat.configure": (input: object, ack: Ack) => void;
  "chat.send": (input: { text: string }, ack: Ack) => void;
  "chat.history": (input: { after: number; limit: number }, ack: Ack) => void;
}
