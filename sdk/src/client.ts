import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { Calls } from "./calls.js";
import { type Chat, createChat } from "./chat.js";
import { Connection, type Token } from "./connection.js";
import type { ConnectionState } from "./connection-state.js";
import { type CounterClient, createCounter } from "./counter.js";
import { withIdempotencyKey } from "./idempotency-key.js";
import { createLeaderboard, type Leaderboard } from "./leaderboard.js";
import { type LiveValues, ValuesPolling } from "./live/channel/live-values.js";
import {
  type Channel,
  type ChannelName,
  createChannel,
  type KindOf,
  RawChannels,
} from "./live/channel/raw-channels.js";
import { LiveRooms } from "./live/chat/live-room.js";
import { LiveCounters } from "./live/counter/live-counter.js";
import type { BoardWire } from "./live/leaderboard/live-board.js";
import { LiveBoards } from "./live/leaderboard/live-board.js";
import { LivePresences } from "./live/presence/room-presence.js";
import { createLiveUser, type LiveUser, LiveUsers } from "./live/user/live-user.js";
import { createPresence, type Presence, type Whereabouts } from "./presence.js";
import type { Store } from "./store.js";

export { directRoom } from "@grandstand/shared/direct-rooms";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { ChatMessage, ChatTyping, Reaction } from "@grandstand/shared/events/chat";
export type { CounterThreshold } from "@grandstand/shared/events/counter";
export type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
export type { PresenceMember, PresenceMode } from "@grandstand/shared/events/presence";
export type { UserNotice } from "@grandstand/shared/events/user";
export type { Welcome } from "@grandstand/shared/frames";
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
export type { CounterClient, CounterRules, CounterSeries } from "./counter.js";
export { createGuestSession, type GuestSession } from "./guest-session.js";
export type { BoardRules, EntriesPage, Leaderboard, Score, ScoreInBatch } from "./leaderboard.js";
export type { LiveValues, LiveValuesState } from "./live/channel/live-values.js";
export type {
  Channel,
  ChannelHandlers,
  ChannelKinds,
  ChannelName,
  KindOf,
  PublicationOf,
} from "./live/channel/raw-channels.js";
export type { LiveChat, LiveChatState } from "./live/chat/live-chat.js";
export type { Draft, ShownMessage } from "./live/chat/outbox.js";
export type { LiveCounter, LiveCounterState } from "./live/counter/live-counter.js";
export type { BoardView } from "./live/leaderboard/board-view.js";
export type { LiveLeaderboard, LiveLeaderboardState } from "./live/leaderboard/live-leaderboard.js";
export type { LivePresenceState, PresenceState } from "./live/presence/presence-state.js";
export type { LivePresence, PresenceWatch } from "./live/presence/room-presence.js";
export type { LiveUser, LiveUserState } from "./live/user/live-user.js";
export type { KeptMember, MembersPage, Presence, Stay, Whereabouts } from "./presence.js";
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
    /** The number of unread messages of each room, live. */
    liveUnread(rooms: readonly string[]): LiveValues<number>;
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
    /** Whether each of these users is online, live. */
    live(users: readonly string[]): LiveValues<Whereabouts>;
  };
  /** The rooms and notices of a user, live: the client's own user, or for servers any user. */
  user(user?: string): LiveUser;
  /**
   * The low-level way to follow a channel, with types by its kind.
   * @throws {GrandstandError} `bad_request` for a name that is no channel's
   */
  channel<C extends ChannelName>(channel: C): Channel<KindOf<C>>;
  /** Opens the connection; the first call and the first subscription do so too. */
  connect(): void;
  /** Ends the connection and every call and live view. There is no way back. */
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;

/** How often what has no channel of its own is read. */
const UNREAD_MS = 15_000;
const WHEREABOUTS_MS = 10_000;
/** As on the server. */
const ROOMS_PER_UNREAD = 100;
const USERS_PER_LOOKUP = 1_000;

/** Creates a client. It connects when something needs a connection. */
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
    onRefreshed: () => {
      for (const live of lives) live.onRefreshed();
    },
  });
  const calls = new Calls(connection);
  const holders = new Map<string, object>();
  const wire: BoardWire = {
    holders,
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
      need();
      const terms = { timeoutMs: own.timeoutMs ?? callTimeoutMs, isResent: true };
      calls.start(operation, withIdempotencyKey(operation, input), terms, (outcome) => {
        // What the server answers is what the contract says: this is the one place that takes its word for it.
        if (outcome.ok) resolve(outcome.data as OutputOf<typeof operation>);
        else reject(outcome.error);
      });
    });

  const rooms = new LiveRooms({
    holders,
    onUnreadChanged: () => unread.refresh(),
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
    holders,
    get isLive() {
      return connection.isLive;
    },
    request: (operation: OperationName, input, settle) =>
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle),
  });
  const users = new LiveUsers({
    holders,
    get isLive() {
      return connection.isLive;
    },
    request: wire.request,
    get me() {
      return connection.get().welcome?.user ?? null;
    },
    onOtherEvent: (event) => {
      if (event.startsWith("chat.")) unread.refresh();
    },
  });
  const unread = new ValuesPolling<number>(wire, {
    everyMs: UNREAD_MS,
    mostKeys: ROOMS_PER_UNREAD,
    read: async (rooms) => (await call("chat.unread", { rooms })).rooms.map((one) => [one.room, one.unread]),
  });
  const whereabouts = new ValuesPolling<Whereabouts>(wire, {
    everyMs: WHEREABOUTS_MS,
    mostKeys: USERS_PER_LOOKUP,
    read: async (users) => (await call("presence.lookup", { users })).users.map((one) => [one.user, one]),
  });
  const channels = new RawChannels(wire);
  const lives = [boards, counters, rooms, presences, users, channels, unread, whereabouts];

  let isNeeded = false;
  const need = () => {
    if (!isNeeded) connection.open();
    isNeeded = true;
  };
  for (const live of lives) live.onOpen = need;

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
    chats: {
      unread: async (rooms) => (await call("chat.unread", { rooms })).rooms,
      liveUnread: (rooms) => unread.view(rooms),
    },
    sessions: {
      list: async (options = {}) => (await call("session.list", options)).sessions,
      revoke: async (session) => {
        await call("session.revoke", { session });
      },
    },
    presence: (room) => createPresence(room, call, presences),
    presences: {
      lookup: async (users) => (await call("presence.lookup", { users })).users,
      live: (users) => whereabouts.view(users),
    },
    user: (user) => createLiveUser(users, user),
    channel: (channel) => createChannel(channel, channels),
    connect: need,
    close: () => connection.close(),
  };
}
