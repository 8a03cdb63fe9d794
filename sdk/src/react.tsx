"use client";

import type { OutputOf } from "@grandstand/shared/contract";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { UserNotice } from "@grandstand/shared/events/user";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Chat } from "./chat.js";
import { type Client, type ClientOptions, createClient } from "./client.js";
import { type ConnectionState, connectingState } from "./connection-state.js";
import { type LiveValuesState, loadingValues } from "./live/channel/values-state.js";
import { type LiveChatState, loadingChat, shownAs } from "./live/chat/chat-state.js";
import type { LiveChat } from "./live/chat/live-chat.js";
import { type LiveCounterState, loadingCounter } from "./live/counter/counter-state.js";
import type { BoardView } from "./live/leaderboard/board-view.js";
import { type LiveLeaderboardState, loadingState } from "./live/leaderboard/leaderboard-state.js";
import {
  type LivePresenceState,
  loadingPresence,
  type PresenceState,
} from "./live/presence/presence-state.js";
import type { PresenceWatch } from "./live/presence/presence-view.js";
import { type LiveInboxState, loadingInbox } from "./live/user/inbox-state.js";
import type { Inbox } from "./live/user/inbox-view.js";
import { type LiveUserState, loadingUser } from "./live/user/user-state.js";
import type { Stay, Whereabouts } from "./presence.js";
import type { Store } from "./store.js";

const ClientContext = createContext<Client | null>(null);

/**
 * Either a `client` that the app created and closes, or the options of a client that the provider creates and
 * closes.
 */
export type GrandstandProviderProps = { children?: ReactNode } & (
  | { client: Client }
  | ({ client?: undefined } & ClientOptions)
);

/**
 * Gives a client to the components below it. Without `client`, the provider creates a client from its props,
 * and closes the client after the provider is unmounted. If `url` or a `token` string changes, the provider
 * creates a new client. A change of another option affects only the next new client. The client always calls
 * the latest `token` function.
 * The client connects when a component first needs it, and never during server rendering.
 */
export function GrandstandProvider(props: GrandstandProviderProps) {
  if (props.client) {
    return <ClientContext.Provider value={props.client}>{props.children}</ClientContext.Provider>;
  }
  const { children, client: _, ...options } = props;
  return <OwningProvider options={options}>{children}</OwningProvider>;
}

interface OwnedClient {
  readonly key: string;
  readonly client: Client;
  closing: ReturnType<typeof setTimeout> | undefined;
  isClosed: boolean;
}

/**
 * How long a client stays open after its provider is unmounted. StrictMode and fast refresh unmount a provider
 * and mount it again at once.
 */
const CLOSE_MS = 1_000;

function OwningProvider({ options, children }: { options: ClientOptions; children?: ReactNode }) {
  const { url, token } = options;
  const latest = useRef(options);
  latest.current = options;
  const key = JSON.stringify([url, typeof token === "string" ? token : null]);
  const create = (): OwnedClient => {
    // An inline function is a new function at each render. The client calls the function of the last render.
    const ownToken = () => {
      const { token: asked } = latest.current;
      return typeof asked === "function" ? asked() : (asked ?? null);
    };
    const client = createClient({ ...options, ...(typeof token === "function" && { token: ownToken }) });
    return { key, client, closing: undefined, isClosed: false };
  };
  const [owned, setOwned] = useState(create);
  if (owned.key !== key) setOwned(create());
  const createRef = useRef(create);
  createRef.current = create;

  useEffect(() => {
    // React hid the provider for longer than CLOSE_MS, so its client was closed. Now React shows the provider again.
    if (owned.isClosed) {
      setOwned(createRef.current());
      return;
    }
    clearTimeout(owned.closing);
    return () => {
      owned.closing = setTimeout(() => {
        owned.isClosed = true;
        owned.client.close();
      }, CLOSE_MS);
    };
  }, [owned]);
  return <ClientContext.Provider value={owned.client}>{children}</ClientContext.Provider>;
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("Grandstand's hooks need a <GrandstandProvider> above them");
  return client;
}

/** The state of the connection, such as `status: "live"`. */
export function useConnection(): ConnectionState {
  const { connection } = useClient();
  return useSyncExternalStore(connection.subscribe, connection.get, () => connectingState);
}

/** The function that the hooks of live views return besides the state. */
export interface Retry {
  /** Retries immediately what the server refused. The client also retries automatically from time to time. */
  readonly retry: () => void;
}

/** A live board. */
export interface BoardData extends LiveLeaderboardState, Retry {}

export interface BoardOptions extends BoardView {
  /** What `leaderboard.entries` returned on a server: shown as `stale` until the board is live. */
  initialData?:
    | ({ entries: readonly Entry[]; total: number } & Partial<
        Pick<LiveLeaderboardState, "season" | "seasonEndsAt" | "me">
      >)
    | undefined;
}

/**
 * A live view of a board. During server rendering and hydration it returns `initialData`, or `loading`
 * without it.
 */
export function useLeaderboard(
  board: string,
  { window, where, top, me, initialData }: BoardOptions = {},
): BoardData {
  const client = useClient();
  // The text is the memo key, because an inline object is a new object at each render.
  const view = JSON.stringify({ window, where, top, me });
  const live = useMemo(() => client.leaderboard(board).live(JSON.parse(view)), [client, board, view]);
  return useLive(live, loadingState, board + view, () => {
    if (!initialData) return null;
    const { entries, total, season = null, seasonEndsAt = null, me: own = null } = initialData;
    return { entries, total, season, seasonEndsAt, me: own };
  });
}

export interface CounterOptions {
  /** What `counter.get` returned on a server: shown as `stale` until the counter is live. */
  initialData?: { value: number } | undefined;
}

/**
 * A live counter. During server rendering and hydration it returns `initialData`, or `loading` without it.
 */
export function useCounter(counter: string, { initialData }: CounterOptions = {}): LiveCounterState & Retry {
  const client = useClient();
  const live = useMemo(() => client.counter(counter).live(), [client, counter]);
  return useLive(live, loadingCounter, counter, () => initialData && { value: initialData.value });
}

/**
 * A live chat room with its actions. `retry(key)` sends a failed message again. `retry()` subscribes again to a
 * room that the server refused.
 */
export interface ChatRoom extends LiveChatState, Omit<LiveChat, "room" | "get" | "subscribe"> {
  readonly edit: Chat["edit"];
  readonly delete: Chat["delete"];
  readonly react: Chat["react"];
  readonly unreact: Chat["unreact"];
}

export interface ChatOptions {
  /** What `chat.history` returned on a server: shown as `stale` until the room is live. */
  initialData?: { messages: readonly ChatMessage[]; hasMore: boolean } | undefined;
}

/**
 * A live chat room. During server rendering and hydration it returns `initialData`, or `loading` without it.
 */
export function useChat(room: string, { initialData }: ChatOptions = {}): ChatRoom {
  const client = useClient();
  const [live, actions] = useMemo(() => {
    const chat = client.chat(room);
    const store = chat.live();
    const { room: _, get, subscribe, ...live } = store;
    const { edit, delete: remove, react, unreact } = chat;
    return [store, { ...live, edit, delete: remove, react, unreact }] as const;
  }, [client, room]);
  const state = useLiveState(live, loadingChat, room, () => {
    if (!initialData) return null;
    const { messages, hasMore } = initialData;
    return { messages: messages.map((message) => shownAs(message)), hasMore };
  });
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}

export interface PresenceOptions extends PresenceWatch {
  /** Whether the client enters the room. True by default; with `false` it only shows the members. */
  enter?: boolean | undefined;
  /**
   * The client's state that other users see. A changed value replaces the state on the server. Without a
   * value, the state on the server stays as it is.
   */
  state?: PresenceState | null | undefined;
  /** What `presence.get` returned on a server: shown as `stale` until the room is live. */
  initialData?: { count: number; members: readonly PresenceMember[] } | undefined;
}

/** The members of a room, and the client's own state there. */
export interface RoomPresence extends LivePresenceState, Retry {
  /** Changes the state that other users see, if the component has entered the room. `error` is set if the server refuses. */
  readonly setState: (state: PresenceState | null) => void;
}

/**
 * Enters a room while the component is mounted, and returns the room's members. During server rendering and
 * hydration it returns `initialData`, or `loading` without it.
 */
export function usePresence(room: string, options: PresenceOptions = {}): RoomPresence {
  const { enter = true, state: wanted, members, limit, initialData } = options;
  const client = useClient();
  const stay = useRef<Stay | null>(null);
  // States are compared by their JSON, because an inline state is a new object at each render.
  const written = wanted === undefined ? undefined : JSON.stringify(wanted);
  const latest = useRef(written);
  latest.current = written;
  const shown = useRef<string | undefined>(undefined);

  useEffect(() => {
    if (!enter) return;
    shown.current = latest.current;
    const entered = client.presence(room).enter(stateOf(shown.current));
    stay.current = entered;
    return () => {
      stay.current = null;
      entered.leave();
    };
  }, [client, room, enter]);

  const setState = useCallback((state: PresenceState | null) => {
    // The live presence reports a refusal as its `error`.
    stay.current?.update(state).catch(() => {});
  }, []);

  useEffect(() => {
    if (written === shown.current) return;
    shown.current = written;
    const state = stateOf(written);
    if (state !== undefined) setState(state);
  }, [setState, written]);

  const live = useMemo(() => client.presence(room).live({ members, limit }), [client, room, members, limit]);
  const state = useLive(
    live,
    loadingPresence,
    room,
    () => initialData && { count: initialData.count, members: initialData.members },
  );
  return useMemo(() => ({ ...state, setState }), [state, setState]);
}

/**
 * The rooms that a user is in, and the user's notices.
 * @param user the client's own user by default. A server with an API key must pass a user id
 */
export function useUser(user?: string): LiveUserState & Retry {
  const client = useClient();
  const live = useMemo(() => client.user(user), [client, user]);
  return useLive(live, loadingUser, user ?? "", () => null);
}

export interface NoticesOptions {
  /** Called for each notice that arrives while the component is mounted. */
  onNotice?: ((notice: UserNotice) => void) | undefined;
}

/** The notices that servers sent to the client's own user: the last 50 of the last 24 hours, oldest first. */
export function useNotices({ onNotice }: NoticesOptions = {}): Omit<LiveUserState, "rooms"> & Retry {
  const { status, notices, error, retry } = useUser();
  const latest = useRef(onNotice);
  latest.current = onNotice;
  const seen = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = seen.current;
    if (status === "loading") seen.current = null;
    if (status !== "live") return;
    seen.current = new Set(notices.map(({ id }) => id));
    // The notices in the first snapshot are older than the subscription, so they are not passed to
    // `onNotice`.
    if (before) for (const notice of notices) if (!before.has(notice.id)) latest.current?.(notice);
  }, [status, notices]);
  return useMemo(() => ({ status, notices, error, retry }), [status, notices, error, retry]);
}

/** The user's chat rooms, with `loadMore`, `markRead` and `retry`. */
export interface InboxData extends LiveInboxState, Omit<Inbox, "get" | "subscribe"> {}

export interface InboxOptions {
  /** What `chat.rooms` returned on a server: shown as `stale` until the inbox is live. */
  initialData?: OutputOf<"chat.rooms"> | undefined;
}

/**
 * The live chat rooms of the client's own user, with last message and unread count. All rooms together take
 * one subscription.
 */
export function useInbox({ initialData }: InboxOptions = {}): InboxData {
  const client = useClient();
  const [live, actions] = useMemo(() => {
    const { get, subscribe, ...actions } = client.inbox();
    return [{ get, subscribe }, actions] as const;
  }, [client]);
  const state = useLiveState(live, loadingInbox, "", () => {
    if (!initialData) return null;
    const { rooms, nextCursor } = initialData;
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    return { rooms, unread, hasMore: nextCursor !== null };
  });
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}

/** The unread messages of several rooms. */
export interface UnreadRooms extends Pick<LiveValuesState<number>, "status" | "error">, Retry {
  /** The number of unread messages by room, such as `{ lobby: 3 }`. */
  readonly unread: Readonly<Record<string, number>>;
  readonly total: number;
}

export interface UnreadOptions {
  /** What `chat.unread` returned on a server: shown as `stale` until the numbers are live. */
  initialData?: OutputOf<"chat.unread">["rooms"] | undefined;
}

/** The live unread count of each room: how many messages of others the user has not read. */
export function useUnread(rooms: readonly string[], { initialData }: UnreadOptions = {}): UnreadRooms {
  const client = useClient();
  const key = rooms.join("\n");
  const live = useMemo(() => client.chats.liveUnread(key === "" ? [] : key.split("\n")), [client, key]);
  const { status, values, error, retry } = useLive<LiveValuesState<number>>(live, loadingValues, key, () => {
    return initialData && { values: Object.fromEntries(initialData.map((one) => [one.room, one.unread])) };
  });
  return useMemo(() => {
    const total = Object.values(values).reduce((sum, unread) => sum + unread, 0);
    return { status, unread: values, total, error, retry };
  }, [status, values, error, retry]);
}

/** Whether several users are online. */
export interface PresenceOfUsers extends Pick<LiveValuesState<Whereabouts>, "status" | "error">, Retry {
  /** For each user id whether the user is online, and in which rooms. */
  readonly users: Readonly<Record<string, Whereabouts>>;
  /** The users that are online, in the order of the hook's argument. */
  readonly online: readonly string[];
}

export interface PresenceOfOptions {
  /** What `presence.lookup` returned on a server: shown as `stale` until the values are live. */
  initialData?: readonly Whereabouts[] | undefined;
}

/**
 * Whether users, such as friends, are online. The client reads this every 10 seconds, and also when one of
 * them joins or leaves a room whose presence the client follows.
 */
export function usePresenceOf(
  users: readonly string[],
  { initialData }: PresenceOfOptions = {},
): PresenceOfUsers {
  const client = useClient();
  const key = users.join("\n");
  const live = useMemo(() => client.presences.live(key === "" ? [] : key.split("\n")), [client, key]);
  const state = useLive<LiveValuesState<Whereabouts>>(live, loadingValues, key, () => {
    return initialData && { values: Object.fromEntries(initialData.map((one) => [one.user, one])) };
  });
  return useMemo(() => {
    const { status, values, error, retry } = state;
    const online = key.split("\n").filter((user) => values[user]?.online);
    return { status, users: values, online, error, retry };
  }, [state, key]);
}

/** The state of a live view with its `retry`. */
function useLive<S extends LiveState>(
  live: Store<S> & Retry,
  loading: S,
  key: string,
  initial: () => Partial<S> | null | undefined,
): S & Retry {
  const state = useLiveState(live, loading, key, initial);
  const { retry } = live;
  return useMemo(() => ({ ...state, retry }), [state, retry]);
}

interface LiveState {
  readonly status: string;
  readonly error: unknown;
}

/**
 * The state of a live view, or the initial data while the view is `loading`.
 * @param key identifies the view, such as the room. Initial data is read once for each key.
 */
function useLiveState<S extends LiveState>(
  live: Store<S>,
  loading: S,
  key: string,
  initial: () => Partial<S> | null | undefined,
): S {
  const kept = useRef<{ key: string; state: S } | null>(null);
  if (kept.current?.key !== key) {
    const data = initial();
    kept.current = { key, state: data ? { ...loading, ...data, status: "stale" } : loading };
  }
  const first = kept.current.state;
  const state = useSyncExternalStore(live.subscribe, live.get, () => loading);
  return useMemo(() => {
    if (state.status !== "loading" || first === loading) return state;
    return state.error ? { ...first, error: state.error } : first;
  }, [state, first, loading]);
}

function stateOf(written: string | undefined): PresenceState | null | undefined {
  return written === undefined ? undefined : JSON.parse(written);
}
