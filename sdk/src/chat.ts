import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type {
  ChatMember,
  ChatRole,
  ChatRoomSettings,
  ChatSanctions,
} from "@grandstand/shared/operations/chat";
import type { CallOperation, CallOptions } from "./call-operation.js";
import { createLiveChat, type LiveChat } from "./live/chat/live-chat.js";
import type { LiveRooms } from "./live/chat/live-room.js";
import type { LazyLive } from "./live/lazy-live.js";

type RoomInput<N extends Parameters<CallOperation>[0], Rest extends string = never> = Omit<
  InputOf<N>,
  "room" | Rest
>;

export type RoomSettings = RoomInput<"chat.configure">;
export type HistoryPage = OutputOf<"chat.history">;
export type ReactionResult = OutputOf<"chat.react">;

/**
 * One chat room. Each method but `live` is an operation `chat.<...>`, and rejects with a
 * `GrandstandError`, or with the reason of an aborted signal.
 */
export interface Chat {
  readonly room: string;
  /**
   * Sends a message. `live().send` also shows the message in the live list before the server has acknowledged
   * it. A server with an API key may give the sender's `profile`.
   */
  send(draft: RoomInput<"chat.send"> | string, callOptions?: CallOptions): Promise<ChatMessage>;
  /** The last messages, or the messages before or after an offset. */
  history(page?: RoomInput<"chat.history">, callOptions?: CallOptions): Promise<HistoryPage>;
  edit(
    offset: number,
    change: RoomInput<"chat.edit", "offset">,
    callOptions?: CallOptions,
  ): Promise<ChatMessage>;
  delete(offset: number, callOptions?: CallOptions): Promise<void>;
  react(offset: number, emoji: string, callOptions?: CallOptions): Promise<ReactionResult>;
  unreact(offset: number, emoji: string, callOptions?: CallOptions): Promise<ReactionResult>;
  /** Moves the read mark forward. @returns the offset where the read mark is now */
  read(offset: number, callOptions?: CallOptions): Promise<number>;
  configure(settings?: RoomSettings, callOptions?: CallOptions): Promise<ChatRoomSettings>;
  /** Deletes the room and everything in it. */
  drop(callOptions?: CallOptions): Promise<void>;
  members(page?: RoomInput<"chat.members">, callOptions?: CallOptions): Promise<OutputOf<"chat.members">>;
  setMember(user: string, role?: ChatRole, callOptions?: CallOptions): Promise<ChatMember>;
  removeMember(user: string, callOptions?: CallOptions): Promise<void>;
  moderate(sanction: RoomInput<"chat.moderate">, callOptions?: CallOptions): Promise<ChatSanctions>;
  /** The live room. It subscribes on the server when its first listener subscribes. */
  live(): LiveChat;
}

export function createChat(room: string, call: CallOperation, rooms: LazyLive<LiveRooms>): Chat {
  return {
    room,
    send: async (draft, callOptions) => {
      const input = typeof draft === "string" ? { text: draft } : draft;
      return (await call("chat.send", { ...input, room }, callOptions)).message;
    },
    history: (page = {}, callOptions) => call("chat.history", { ...page, room }, callOptions),
    edit: async (offset, change, callOptions) =>
      (await call("chat.edit", { ...change, room, offset }, callOptions)).message,
    delete: async (offset, callOptions) => void (await call("chat.delete", { room, offset }, callOptions)),
    react: (offset, emoji, callOptions) => call("chat.react", { room, offset, emoji }, callOptions),
    unreact: (offset, emoji, callOptions) => call("chat.unreact", { room, offset, emoji }, callOptions),
    read: async (offset, callOptions) => (await call("chat.read", { room, offset }, callOptions)).offset,
    configure: (settings = {}, callOptions) => call("chat.configure", { ...settings, room }, callOptions),
    drop: async (callOptions) => void (await call("chat.drop", { room }, callOptions)),
    members: (page = {}, callOptions) => call("chat.members", { ...page, room }, callOptions),
    setMember: (user, role = "member", callOptions) =>
      call("chat.setMember", { room, user, role }, callOptions),
    removeMember: async (user, callOptions) =>
      void (await call("chat.removeMember", { room, user }, callOptions)),
    moderate: (sanction, callOptions) => call("chat.moderate", { ...sanction, room }, callOptions),
    live: () => createLiveChat(room, rooms),
  };
}
