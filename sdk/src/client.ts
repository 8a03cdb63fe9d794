import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { callApp } from "./app-callback.js";
import type { CallOperation, CallOptions } from "./call-operation.js";
import { Calls, type Outcome } from "./calls.js";
import { type Chat, createChat } from "./chat.js";
import { Connection } from "./connection.js";
import type { ConnectionState } from "./connection-state.js";
import { type CounterClient, createCounter } from "./counter.js";
import { withIdempotencyKey } from "./idempotency-key.js";
import { createLeaderboard, type Leaderboard } from "./leaderboard.js";
import { type Channel, type ChannelName, createChannel, type KindOf } from "./live/channel/raw-channel.js";
import { createLiveValues, type LiveValues } from "./live/channel/values-view.js";
import { LazyLive, type Live } from "./live/lazy-live.js";
import { createInbox, type Inbox } from "./live/user/inbox-view.js";
import { createLiveUser, type LiveUser } from "./live/user/user-view.js";
import { type ClientOptions, checkOptions, checkTimeout, checkToken, type DebugLogger } from "./options.js";
import { createPresence, type Presence, type Whereabouts } from "./presence.js";
import type { Store } from "./store.js";
import { type Token, TokenSource } from "./token-source.js";

export type { RecoveryFailure } from "@grandstand/shared/channels";
export type { CloseReason } from "@grandstand/shared/close-codes";
export type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
export { directRoom } from "@grandstand/shared/direct-rooms";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { ChatMessage, ChatTyping, ChatView, Reaction } from "@grandstand/shared/events/chat";
export type { CounterThreshold } from "@grandstand/shared/events/counter";
export type { LeaderboardSeasonClosed, LeaderboardView } from "@grandstand/shared/events/leaderboard";
export type { PresenceMember, PresenceMode, PresenceView } from "@grandstand/shared/events/presence";
export type { UserNotice } from "@grandstand/shared/events/user";
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
export type { CallOptions } from "./call-operation.js";
export type { ChannelKinds } from "./channel-kinds.js";
export type { Chat, HistoryPage, ReactionResult, RoomSettings } from "./chat.js";
export type { ConnectionState } from "./connection-state.js";
export type { CounterClient, CounterRules, CounterSeries } from "./counter.js";
export { createGuestSession, type GuestSession } from "./guest-session.js";
export type { BoardRules, EntriesPage, Leaderboard, Score, ScoreInBatch } from "./leaderboard.js";
export type {
  Channel,
  ChannelHandlers,
  ChannelName,
  KindOf,
  PublicationOf,
} from "./live/channel/raw-channel.js";
export type { LiveValuesState } from "./live/channel/values-state.js";
export type { LiveValues } from "./live/channel/values-view.js";
export type { Draft, LiveChatState, ShownMessage } from "./live/chat/chat-state.js";
export type { LiveChat } from "./live/chat/live-chat.js";
export type { LiveCounterState } from "./live/counter/counter-state.js";
export type { LiveCounter } from "./live/counter/counter-view.js";
export type { BoardView } from "./live/leaderboard/board-view.js";
export type { LiveLeaderboardState } from "./live/leaderboard/leaderboard-state.js";
export type { LiveLeaderboard } from "./live/leaderboard/leaderboard-view.js";
export type { LivePresenceState, PresenceState } from "./live/presence/presence-state.js";
export type { LivePresence, PresenceWatch } from "./live/presence/presence-view.js";
export type { InboxRoom, LiveInboxState } from "./live/user/inbox-state.js";
export type { Inbox } from "./live/user/inbox-view.js";
export type { LiveUserState } from "./live/user/user-state.js";
export type { LiveUser } from "./live/user/user-view.js";
export type { ClientOptions, DebugLogger, TransportName } from "./options.js";
export type { KeptMember, MembersPage, Presence, Stay, Whereabouts } from "./presence.js";
export type { Store } from "./store.js";
export type { Token } from "./token-source.js";

/** A client of Grandstand, for one user or one server. All calls and live views share its connection. */
export interface Client {
  readonly connection: Store<ConnectionState>;
  /**
   * Opens the connection. Calls and live views open it too, so this method is rarely needed. The method also ends
   * the effect of `disconnect()` and `close()`. If the connection is open already, the client checks that the server
   * still answers.
   */
  connect(): void;
  /** Closes the connection until `connect()` or `reconnect()`. Calls made in the meantime wait, up to their timeout. */
  disconnect(): void;
  /** Replaces the connection by a new one. If `token` is a function, this function is called for a new token. */
  reconnect(): void;
  /**
   * Switches to another token, on a new connection. If the token belongs to another user, earlier calls that have
   * no reply fail with `conflict`, and the live views start again from `loading`.
   * @param token null for the session cookie of the browser
   * @throws {GrandstandError} `bad_request` for an empty token
   */
  setToken(token: Token | null): void;
  /**
   * Closes the client: calls without a reply fail, live views become `failed`, and the connection closes.
   * Further calls fail until `connect()` or `reconnect()` opens the client again.
   */
  close(): void;
  /**
   * Calls an operation by its name, such as `"leaderboard.submit"`. Without a connection the call waits for
   * one. If the connection is lost before the reply, the call is sent once more on the next connection. A
   * write has an idempotency key, so it takes effect once even if the server receives it twice.
   * @throws {GrandstandError} the error in the server's reply. Also `unavailable` if no reply came, `payload_too_large`
   * if the call is too large to send, `conflict` if another user is signed in by now, or the error with which the server
   * refused the connection. The error's `mayHaveTakenEffect` says whether the server may have carried out the call.
   */
  call<N extends OperationName>(operation: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>;
  leaderboard(board: string): Leaderboard;
  readonly leaderboards: {
    /** The boards, by id, a page at a time. */
    list(
      page?: InputOf<"leaderboard.list">,
      callOptions?: CallOptions,
    ): Promise<OutputOf<"leaderboard.list">>;
  };
  counter(counter: string): CounterClient;
  readonly counters: {
    /** The values of up to 1,000 counters, in the order of the argument. */
    getMany(counters: string[], callOptions?: CallOptions): Promise<OutputOf<"counter.getMany">["counters"]>;
    /** The counters that grew most within the last hour, fastest first. */
    trending(
      options?: InputOf<"counter.trending">,
      callOptions?: CallOptions,
    ): Promise<OutputOf<"counter.trending">["counters"]>;
    /** The counters, by id, a page at a time. */
    list(page?: InputOf<"counter.list">, callOptions?: CallOptions): Promise<OutputOf<"counter.list">>;
  };
  chat(room: string): Chat;
  readonly chats: {
    /**
     * The caller's unread counts in up to 100 rooms: how many messages of others come after the caller's read
     * mark.
     */
    unread(rooms: string[], callOptions?: CallOptions): Promise<OutputOf<"chat.unread">["rooms"]>;
    /** The caller's rooms with last message and unread count, the latest activity first, a page at a time. */
    list(page?: InputOf<"chat.rooms">, callOptions?: CallOptions): Promise<OutputOf<"chat.rooms">>;
    /** Live: the number of unread messages in each of these rooms. */
    liveUnread(rooms: readonly string[]): LiveValues<number>;
  };
  readonly sessions: {
    /** The caller's sessions, the last used first. A server with an API key names the `user` in `options`. */
    list(
      options?: InputOf<"session.list">,
      callOptions?: CallOptions,
    ): Promise<OutputOf<"session.list">["sessions"]>;
    /** Revokes a session and closes its connections. */
    revoke(session: string, callOptions?: CallOptions): Promise<void>;
  };
  presence(room: string): Presence;
  readonly presences: {
    /** Whether each of up to 1,000 users is online, and in which rooms. The result has the order of the argument. */
    lookup(users: string[], callOptions?: CallOptions): Promise<Whereabouts[]>;
    /** Live: whether each of these users is online, and in which rooms. */
    live(users: readonly string[]): LiveValues<Whereabouts>;
  };
  /**
   * Live: the rooms that a user is in, and the user's notices.
   * @param user the client's own user by default; a server with an API key names a user
   */
  user(user?: string): LiveUser;
  /** Live: the chat rooms of the client's own user, with last message and unread count. */
  inbox(): Inbox;
  /**
   * Follows a channel with handlers of the app, in place of a live view. The handlers receive the channel's snapshots and
   * publications. The kind of channel determines their types.
   * @throws {GrandstandError} `bad_request` if the name is not `<kind>:<id>`
   */
  channel<C extends ChannelName>(channel: C): Channel<KindOf<C>>;
}

const CALL_TIMEOUT_MS = 10_000;
const IDLE_MS = 60_000;

/**
 * Creates a client. It connects when something needs a connection.
 * @throws {GrandstandError} `bad_request` that names each wrong option
 */
export function createClient(options: ClientOptions = {}): Client {
  checkOptions(options);
  const callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const lives: Live[] = [];
  const forEachLive = (what: (live: Live) => void) => lives.forEach(what);
  /** Whether the app changed the token since the server last accepted one. */
  let wasTokenSet = false;
  const connection: Connection = new Connection(
    {
      url: options.url ?? "",
      transport: options.transport ?? "auto",
      webSocket: options.webSocket,
      idleMs: options.idleMs ?? IDLE_MS,
      log: loggerOf(options.debug),
    },
    new TokenSource(options.token ?? null),
    {
      isInUse: () => calls.size > 0 || lives.some((live) => live.isUsed),
      onLive: (isFirst) => {
        forEachLive((live) => live.onLive());
        calls.resume();
        if (!isFirst) calls.whenSettled(() => connection.caughtUp());
      },
      onLost: (loss) => {
        // `suspend` makes the pending requests of live views fail. The live views ignore these failures after `onLost`.
        forEachLive((live) => live.onLost());
        calls.suspend(loss);
      },
      onClosed: (error) => {
        forEachLive((live) => live.end(error));
        calls.end(error);
      },
      onReopened: () => {
        calls.reopen();
        forEachLive((live) => live.reopen());
      },
      onPush: (push) => {
        forEachLive((live) => live.onPush(push));
      },
      onRefreshed: () => {
        forEachLive((live) => live.onRefreshed());
      },
      onOtherUser: (error) => {
        if (!wasTokenSet) calls.markAsFormer();
        wasTokenSet = false;
        forEachLive((live) => live.end(error));
        calls.failFormer(error);
        forEachLive((live) => live.reopen());
      },
      onSameUser: () => {
        wasTokenSet = false;
        calls.unmark();
      },
      onState: (state) => callApp(options.onStatus, state),
      onError: (error) => callApp(options.onError, error),
    },
  );
  const calls = new Calls(connection);
  const call: Client["call"] = (operation, input, { timeoutMs, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason;
      if (timeoutMs !== undefined) checkTimeout(timeoutMs);
      connection.need();
      const terms = { timeoutMs: timeoutMs ?? callTimeoutMs, isResent: true };
      let drop: () => void = () => {};
      const onAbort = () => {
        drop();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      drop = calls.start(operation, withIdempotencyKey(operation, input), terms, (outcome) => {
        signal?.removeEventListener("abort", onAbort);
        // The reply is not validated: the client trusts the server to follow the contract.
        if (outcome.ok) resolve(outcome.data as OutputOf<typeof operation>);
        else reject(outcome.error);
      });
    });

  /** The part of the client that live views use. */
  const wire = {
    /** The subscriptions by channel, so that two parts of the client can't subscribe to the same channel. */
    subscriptions: new Map<string, object>(),
    get isLive() {
      return connection.isLive;
    },
    get me() {
      return connection.get().welcome?.user ?? null;
    },
    request: (operation: OperationName, input: unknown, settle: (outcome: Outcome) => void) => {
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle);
    },
    call: call as CallOperation,
    onUnreadChanged: (room: string) => unread.loaded?.refresh(room),
  };
  /**
   * The live views of one kind, such as chat rooms. The module of a kind is loaded when the kind is first
   * used.
   */
  const lazy = <L extends Live>(load: () => Promise<L>) => {
    const live = new LazyLive(load, (error) => callApp(options.onError, error));
    live.onOpen = () => connection.need();
    lives.push(live);
    return live;
  };
  const boards = lazy(
    async () => new (await import("./live/leaderboard/live-leaderboard.js")).LiveBoards(wire),
  );
  const counters = lazy(async () => new (await import("./live/counter/live-counter.js")).LiveCounters(wire));
  const rooms = lazy(async () => new (await import("./live/chat/live-room.js")).LiveRooms(wire));
  const presences = lazy(
    async () => new (await import("./live/presence/room-presence.js")).LivePresences(wire),
  );
  const users = lazy(async () => new (await import("./live/user/live-user.js")).LiveUsers(wire));
  const inbox = lazy(async () => new (await import("./live/user/live-inbox.js")).LiveInbox(call, users));
  const unread = lazy(async () => (await import("./live/user/unread-counts.js")).unreadCounts(wire, users));
  const others = lazy(async () => (await import("./live/user/whereabouts.js")).whereabouts(wire));
  const channels = lazy(async () => new (await import("./live/channel/raw-channels.js")).RawChannels(wire));

  return {
    connection: { get: connection.get, subscribe: connection.subscribe },
    connect: () => connection.connect(),
    disconnect: () => connection.disconnect(),
    reconnect: () => connection.reconnect(),
    setToken: (token) => {
      checkToken(token);
      wasTokenSet = true;
      calls.markAsFormer();
      connection.useTokens(new TokenSource(token));
    },
    close: () => connection.close(),
    call,
    leaderboard: (board) => createLeaderboard(board, call, boards),
    leaderboards: { list: (page = {}, callOptions) => call("leaderboard.list", page, callOptions) },
    counter: (counter) => createCounter(counter, call, counters),
    counters: {
      getMany: async (counters, callOptions) =>
        (await call("counter.getMany", { counters }, callOptions)).counters,
      trending: async (options = {}, callOptions) =>
        (await call("counter.trending", options, callOptions)).counters,
      list: (page = {}, callOptions) => call("counter.list", page, callOptions),
    },
    chat: (room) => createChat(room, call, rooms),
    chats: {
      unread: async (rooms, callOptions) => (await call("chat.unread", { rooms }, callOptions)).rooms,
      liveUnread: (rooms) => createLiveValues(rooms, unread),
      list: (page = {}, callOptions) => call("chat.rooms", page, callOptions),
    },
    sessions: {
      list: async (options = {}, callOptions) => (await call("session.list", options, callOptions)).sessions,
      revoke: async (session, callOptions) => {
        await call("session.revoke", { session }, callOptions);
      },
    },
    presence: (room) => createPresence(room, call, presences),
    presences: {
      lookup: async (users, callOptions) => (await call("presence.lookup", { users }, callOptions)).users,
      live: (users) => createLiveValues(users, others),
    },
    user: (user) => createLiveUser(users, user),
    inbox: () => createInbox(inbox),
    channel: (channel) => createChannel(channel, channels),
  };
}

function loggerOf(debug: ClientOptions["debug"]): DebugLogger {
  if (typeof debug === "function") return (message, details) => callApp(debug, message, details);
  return debug === true ? (message, details) => console.debug(`grandstand: ${message}`, details) : () => {};
}
