import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { Calls } from "./calls.js";
import { type Chat, createChat } from "./chat.js";
import { Connection, type Token } from "./connection.js";
import type { ConnectionState } from "./connection-state.js";
import { withIdempotencyKey } from "./idempotency-key.js";
import { createLeaderboard, type Leaderboard } from "./leaderboard.js";
import type { SubscriptionWire } from "./live/channel-subscription.js";
import { LiveBoards } from "./live/live-boards.js";
import { LiveRooms } from "./live/live-rooms.js";
import type { Store } from "./store.js";

export { directRoom } from "@grandstand/shared/direct-rooms";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { ChatMessage, ChatTyping, Reaction } from "@grandstand/shared/events/chat";
export type { Welcome } from "@grandstand/shared/frames";
export type {
  ChatMember,
  ChatRole,
  ChatRoomSettings,
  ChatSanctions,
} from "@grandstand/shared/operations/chat";
export type {
  Board,
  Entry,
  ScoreOperator,
  SubmitManyResult,
  SubmitResult,
} from "@grandstand/shared/operations/leaderboard";
export type { Profile, User } from "@grandstand/shared/user";
export type { Chat, HistoryPage, ReactionResult, RoomSettings } from "./chat.js";
export type { Token } from "./connection.js";
export type { ConnectionState } from "./connection-state.js";
export { createGuestSession, type GuestSession } from "./guest-session.js";
export type { BoardRules, EntriesPage, Leaderboard, Score, ScoreInBatch } from "./leaderboard.js";
export type { BoardView } from "./live/board-view.js";
export type { LiveChatState, ShownMessage } from "./live/chat-state.js";
export type { LiveLeaderboardState } from "./live/leaderboard-state.js";
export type { LiveChat } from "./live/live-chat.js";
export type { LiveLeaderboard } from "./live/live-leaderboard.js";
export type { Draft } from "./live/outbox.js";
export type { Store } from "./store.js";

export interface ClientOptions {
  /** The server's origin, as in `https://play.example.com`. The page's own when not given. */
  url?: string;
  /** A user's token, a session's or an API key, or a function that is asked for one at each connect. */
  token: Token;
  /** How long a call waits for its answer, in milliseconds. 10,000 when not given. */
  callTimeoutMs?: number;
}

export interface CallOptions {
  /** Instead of the client's `callTimeoutMs`. */
  timeoutMs?: number;
}

/** One user's or one server's connection to Grandstand, and everything that goes over it. */
export interface Client {
  readonly connection: Store<ConnectionState>;
  /**
   * Calls an operation by name. Without a connection the call waits for one; if the connection breaks before
   * the answer, it is sent again on the next. Writes carry an idempotency key, so they take effect once.
   * @throws {GrandstandError} the server's answer, or `unavailable` when none came in time.
   */
  call<N extends OperationName>(operation: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>;
  leaderboard(board: string): Leaderboard;
  readonly leaderboards: {
    /** The boards, by id, a page at a time. */
    list(page?: InputOf<"leaderboard.list">): Promise<OutputOf<"leaderboard.list">>;
  };
  chat(room: string): Chat;
  readonly chats: {
    /** How many messages by others lie behind the caller's read marks, for up to 100 rooms. */
    unread(rooms: string[]): Promise<OutputOf<"chat.unread">["rooms"]>;
  };
  /** Ends the connection and every call and live view. There is no way back. */
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;

/** Creates a client, which begins to connect at once. */
export function createClient(options: ClientOptions): Client {
  const { url = "", token, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const connection: Connection = new Connection(url, token, {
    onLive: () => {
      calls.resume();
      boards.onLive();
      rooms.onLive();
    },
    onLost: () => {
      // The boards first: that their requests were lost with the connection is no failure of theirs.
      boards.onLost();
      rooms.onLost();
      calls.suspend();
    },
    onEnd: (error) => {
      boards.end(error);
      rooms.end(error);
      calls.end(error);
    },
    onPush: (push) => {
      boards.onPush(push);
      rooms.onPush(push);
    },
  });
  const calls = new Calls(connection);
  const wire: SubscriptionWire = {
    get isLive() {
      return connection.isLive;
    },
    request: (operation, input, settle) =>
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle),
  };
  const boards = new LiveBoards(wire);

  const call: Client["call"] = (operation, input, own = {}) =>
    new Promise((resolve, reject) => {
      const terms = { timeoutMs: own.timeoutMs ?? callTimeoutMs, isResent: true };
      calls.start(operation, withIdempotencyKey(operation, input), terms, (outcome) => {
        // What the server answers is what the contract says: this is the one place that takes its word for it.
        if (outcome.ok) resolve(outcome.data as OutputOf<typeof operation>);
        else reject(outcome.error);
      });
    });

  const rooms = new LiveRooms({
    get isLive() {
      return connection.isLive;
    },
    request: wire.request,
    call,
    get me() {
      return connection.get().welcome?.user ?? null;
    },
  });

  connection.open();
  return {
    connection: { get: connection.get, subscribe: connection.subscribe },
    call,
    leaderboard: (board) => createLeaderboard(board, call, boards),
    leaderboards: { list: (page = {}) => call("leaderboard.list", page) },
    chat: (room) => createChat(room, call, rooms),
    chats: { unread: async (rooms) => (await call("chat.unread", { rooms })).rooms },
    close: () => connection.close(),
  };
}
