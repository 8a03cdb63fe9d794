import type { ChatMessage } from "@grandstand/shared/events/chat";

export const ROOM = "room";
/** The only epoch, because the list of messages is never replaced during a run. */
export const EPOCH = "peer";

export type PeerMessage = Pick<ChatMessage, "id" | "offset" | "text">;

type Answer = (ack: { ok: true; data: object }) => void;

/** The messages between clients and nodes of the plain Socket.IO room. Operations have the names that writers use. */
export interface PeerEvents {
  /** To clients. */
  message: (message: PeerMessage) => void;
  /** Joins the room. The answer has the offset of its last message. */
  follow: (answer: (reply: { offset: number }) => void) => void;
  "chat.configure": (input: object, answer: Answer) => void;
  "chat.send": (input: { text: string }, answer: Answer) => void;
  "chat.history": (input: { after: number; limit: number }, answer: Answer) => void;
}
