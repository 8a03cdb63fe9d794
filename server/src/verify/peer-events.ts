import type { ChatMessage } from "@grandstand/shared/events/chat";

export const ROOM = "room";
/** The only epoch, because the list of messages is never replaced during a run. */
export const EPOCH = "peer";

export type PeerMessage = Pick<ChatMessage, "id" | "offset" | "text">;

type Ack = (ack: { ok: true; data: object }) => void;

/** The messages between clients and nodes of the plain Socket.IO room. Operations have the names that writers use. */
export interface PeerEvents {
  /** To clients. */
  message: (message: PeerMessage) => void;
  /** Joins the room. The acknowledgement has the offset of its last message. */
  follow: (ack: (reply: { offset: number }) => void) => void;
  "chat.configure": (input: object, ack: Ack) => void;
  "chat.send": (input: { text: string }, ack: Ack) => void;
  "chat.history": (input: { after: number; limit: number }, ack: Ack) => void;
}
