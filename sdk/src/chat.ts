import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type {
  ChatMember,
  ChatRole,
  ChatRoomSettings,
  ChatSanctions,
} from "@grandstand/shared/operations/chat";
import type { CallOperation } from "./call-operation.js";
import { createLiveChat, type LiveChat } from "./live/chat/live-chat.js";
import type { LiveRooms } from "./live/chat/live-room.js";
import type { Draft } from "./live/chat/outbox.js";

type Of<N extends Parameters<CallOperation>[0], Rest extends string = never> = Omit<
  InputOf<N>,
  "room" | Rest
>;

export type RoomSettings = Of<"chat.configure">;
export type HistoryPage = OutputOf<"chat.history">;
export type ReactionResult = OutputOf<"chat.react">;

/** One chat room. Each method is an operation `chat.<...>`, and rejects with a `GrandstandError`. */
export interface Chat {
  readonly room: string;
  /** Sends a message. `live().send` shows it in the list meanwhile. */
  send(draft: Draft | string): Promise<ChatMessage>;
  /** The last messages, or those next to an offset. */
  history(page?: Of<"chat.history">): Promise<HistoryPage>;
  edit(offset: number, change: Of<"chat.edit", "offset">): Promise<ChatMessage>;
  delete(offset: number): Promise<void>;
  react(offset: number, emoji: string): Promise<ReactionResult>;
  unreact(offset: number, emoji: string): Promise<ReactionResult>;
  /** Moves the read mark forward. @returns where it now is */
  read(offset: number): Promise<number>;
  configure(settings?: RoomSettings): Promise<ChatRoomSettings>;
  /** Deletes the room with everything in it. */
  drop(): Promise<void>;
  members(page?: Of<"chat.members">): Promise<OutputOf<"chat.members">>;
  setMember(user: string, role?: ChatRole): Promise<ChatMember>;
  removeMember(user: string): Promise<void>;
  moderate(sanction: Of<"chat.moderate">): Promise<ChatSanctions>;
  /** The live room; nothing is sent before somebody subscribes to it. */
  live(): LiveChat;
}

export function createChat(room: string, call: CallOperation, rooms: LiveRooms): Chat {
  return {
    room,
    send: async (draft) => {
      const input = typeof draft === "string" ? { text: draft } : draft;
      return (await call("chat.send", { ...input, room })).message;
    },
    history: (page = {}) => call("chat.history", { ...page, room }),
    edit: async (offset, change) => (await call("chat.edit", { ...change, room, offset })).message,
    delete: async (offset) => void (await call("chat.delete", { room, offset })),
    react: (offset, emoji) => call("chat.react", { room, offset, emoji }),
    unreact: (offset, emoji) => call("chat.unreact", { room, offset, emoji }),
    read: async (offset) => (await call("chat.read", { room, offset })).offset,
    configure: (settings = {}) => call("chat.configure", { ...settings, room }),
    drop: async () => void (await call("chat.drop", { room })),
    members: (page = {}) => call("chat.members", { ...page, room }),
    setMember: (user, role = "member") => call("chat.setMember", { room, user, role }),
    removeMember: async (user) => void (await call("chat.removeMember", { room, user })),
    moderate: (sanction) => call("chat.moderate", { ...sanction, room }),
    live: () => createLiveChat(room, rooms),
  };
}
