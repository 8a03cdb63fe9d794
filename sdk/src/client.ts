import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { Calls } from "./calls.js";
import { type Chat, createChat } from "./chat.js";
import { Connection, type Token } from "./connection.js";
import type { ConnectionState } from "./connection-state.js";
import { type CounterClient, createCounter } from "./counter.js";
import { withIdempotencyKey } from "./idempotency-key.js";
import { createLeaderboard, type Leaderboard } from "./leaderboard.js";
import type { BoardWire } from "./live/live-board.js";
import { LiveBoards } from "./live/live-boards.js";
import { LiveCounters } from "./live/live-counters.js";
import { LivePresences } from "./live/live-presences.js";
import { LiveRooms } from "./live/live-rooms.js";
import { createPresence, type Presence, type Whereabouts } from "./presence.js";
import type { Store } from "./store.js";

export type { RecoveryFailure } from "@grandstand/shared/channels";
export type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
export { directRoom } from "@grandstand/shared/direct-rooms";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { ChatMessage, ChatTyping, Reaction } from "@grandstand/shared/events/chat";
export type { CounterThreshold } from "@grandstand/shared/events/counter";
export type { LeaderboardSeasonClosed, LeaderboardView } from "@grandstand/shared/events/leaderboard";
export type { PresenceMember, PresenceMode } from "@grandstand/shared/events/presence";
export type { Welcome } from "@grandstand/shared/frames";
export type { JsonObject } from "@grandstand/shared/json";
export type {
  ChatMember,
  ChatRole,
  ChatRoomSettings,
  ChatSanctions,
} from "@grandstand/shared/operations/chat";
export type { Counter } from "@grandstand/shared/operations/counter";
export type { Board, ScoreOperator } from "@grandstand/shared/operations/leaderboard/boards";
export type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
export type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
export type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
export type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
export type { ImportReport, TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
export type { BoardWindow } from "@grandstand/shared/operations/leaderboard/windows";
export type { Profile, User } from "@grandstand/shared/user";
export type { Chat, HistoryPage, ReactionResult, RoomSettings } from "./chat.js";
export type { Token } from "./connection.js";
export type { ConnectionState } from "./connection-state.js";
export type { CounterClient, CounterRules, CounterSeries, LiveCounter } from "./counter.js";
export { createGuestSession, type GuestSession } from "./guest-session.js";
export type { BoardRules, EntriesPage, Leaderboard, Score, ScoreInBatch } from "./leaderboard.js";
export type { BoardView } from "./live/board-view.js";
export type { LiveChatState, ShownMessage } from "./live/chat-state.js";
export type { LiveCounterState } from "./live/counter-state.js";
export type { LiveLeaderboardState } from "./live/leaderboard-state.js";
export type { LiveChat } from "./live/live-chat.js";
export type { LiveLeaderboard } from "./live/live-leaderboard.js";
export type { Draft } from "./live/outbox.js";
export type { LivePresenceState, PresenceState } from "./live/presence-state.js";
export type {
  KeptMember,
  LivePresence,
  MembersPage,
  Presence,
  PresenceWatch,
  Stay,
  Whereabouts,
} from "./presence.js";
export type { Store } from "./store.js";

export interface ClientOptions {
  /** The server's origin, as in `https://play.example.com`. The page's own when not given. */
  url?: string;
  /** A user's token, a session's or an API key, or a function that is asked for one whenever one is needed. */
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
  counter(counter: string): CounterClient;
  readonly counters: {
    /** The values of up to 1,000 counters, in the order asked for. */
    getMany(counters: string[]): Promise<OutputOf<"counter.getMany">["counters"]>;
    /** Those that grew most over the last hour, fastest first. */
    trending(options?: InputOf<"counter.trending">): Promise<OutputOf<"counter.trending">["counters"]>;
    /** The counters, by id, a page at a time. */
    list(page?: InputOf<"counter.list">): Promise<OutputOf<"counter.list">>;
  };
  chat(room: string): Chat;
  readonly chats: {
    /** How many messages by others lie behind the caller's read marks, for up to 100 rooms. */
    unread(rooms: string[]): Promise<OutputOf<"chat.unread">["rooms"]>;
  };
  readonly sessions: {
    /** A user's own sessions, the one that was used last first; an API key says whose. */
    list(options?: InputOf<"session.list">): Promise<OutputOf<"session.list">["sessions"]>;
    /** Ends a session, and closes its connections. */
    revoke(session: string): Promise<void>;
  };
  presence(room: string): Presence;
  readonly presences: {
    /** Whether up to 1,000 users are online, and where, in the order asked for. */
    lookup(users: string[]): Promise<Whereabouts[]>;
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
      for (const live of lives) live.onLive();
    },
    onLost: () => {
      // The live views first: that their requests were lost with the connection is no failure of theirs.
      for (const live of lives) live.onLost();
      calls.suspend();
    },
    onEnd: (error) => {
      for (const live of lives) live.end(error);
      calls.end(error);
    },
    onPush: (push) => {
      for (const live of lives) live.onPush(push);
    },
    onRefreshed: () => presences.onRefreshed(),
  });
  const calls = new Calls(connection);
  const wire: BoardWire = {
    get isLive() {
      return connection.isLive;
    },
    get userId() {
      return connection.get().welcome?.user?.id ?? null;
    },
    request: (operation, input, settle) =>
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle),
    call: (operation, input) => call(operation, input),
  };
  const boards = new LiveBoards(wire);
  const counters = new LiveCounters(wire);

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
  const presences = new LivePresences({
    get isLive() {
      return connection.isLive;
    },
    request: (operation: OperationName, input, settle) =>
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle),
  });
  const lives = [boards, counters, rooms, presences];

  connection.open();
  return {
    connection: { get: connection.get, subscribe: connection.subscribe },
    call,
    leaderboard: (board) => createLeaderboard(board, call, boards),
    leaderboards: { list: (page = {}) => call("leaderboard.list", page) },
    counter: (counter) => createCounter(counter, call, counters),
    counters: {
      getMany: async (counters) => (await call("counter.getMany", { counters })).counters,
      trending: async (options = {}) => (await call("counter.trending", options)).counters,
      list: (page = {}) => call("counter.list", page),
    },
    chat: (room) => createChat(room, call, rooms),
    chats: { unread: async (rooms) => (await call("chat.unread", { rooms })).rooms },
    sessions: {
      list: async (options = {}) => (await call("session.list", options)).sessions,
      revoke: async (session) => {
        await call("session.revoke", { session });
      },
    },
    presence: (room) => createPresence(room, call, presences),
    presences: { lookup: async (users) => (await call("presence.lookup", { users })).users },
    close: () => connection.close(),
  };
}
