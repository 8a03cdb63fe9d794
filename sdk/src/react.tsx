import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import type { Chat } from "./chat.js";
import type { Client } from "./client.js";
import { type ConnectionState, connectingState } from "./connection-state.js";
import type { LiveChat } from "./live/chat/live-chat.js";
import { type LiveChatState, loadingChat } from "./live/chat/live-chat.js";
import { type LiveCounterState, loadingCounter } from "./live/counter/live-counter.js";
import type { BoardView } from "./live/leaderboard/board-view.js";
import { type LiveLeaderboardState, loadingState } from "./live/leaderboard/live-leaderboard.js";
import {
  type LivePresenceState,
  loadingPresence,
  type PresenceState,
} from "./live/presence/presence-state.js";
import type { PresenceWatch } from "./live/presence/room-presence.js";
import type { Stay } from "./presence.js";

const ClientContext = createContext<Client | null>(null);

/** Gives a client to the components below. The client stays its creator's, who also closes it. */
export function GrandstandProvider({ client, children }: { client: Client; children?: ReactNode }) {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("Grandstand's hooks need a <GrandstandProvider> above them");
  return client;
}

/** The state of the connection. */
export function useConnection(): ConnectionState {
  const { connection } = useClient();
  return useSyncExternalStore(connection.subscribe, connection.get, () => connectingState);
}

/** A live view of a board. On the server, and while the page hydrates, it is loading. */
export function useLeaderboard(board: string, { window, top, me }: BoardView = {}): LiveLeaderboardState {
  const client = useClient();
  // By the view's fields: one written inline is another object at each render.
  const live = useMemo(
    () => client.leaderboard(board).live({ window, ...(top && { top }), ...(me && { me }) }),
    [client, board, window, top, me],
  );
  return useSyncExternalStore(live.subscribe, live.get, () => loadingState);
}

/** A live counter. On the server, and while the page hydrates, it is loading. */
export function useCounter(counter: string): LiveCounterState {
  const client = useClient();
  const live = useMemo(() => client.counter(counter).live(), [client, counter]);
  return useSyncExternalStore(live.subscribe, live.get, () => loadingCounter);
}

/** A live room, and what can be done in it. */
export interface ChatRoom extends LiveChatState, Omit<LiveChat, "room" | "get" | "subscribe"> {
  readonly edit: Chat["edit"];
  readonly delete: Chat["delete"];
  readonly react: Chat["react"];
  readonly unreact: Chat["unreact"];
}

/** A live chat room. On the server, and while the page hydrates, it is loading. */
export function useChat(room: string): ChatRoom {
  const client = useClient();
  const { subscribe, get, actions } = useMemo(() => {
    const chat = client.chat(room);
    const { room: _, get, subscribe, ...live } = chat.live();
    const { edit, delete: remove, react, unreact } = chat;
    return { get, subscribe, actions: { ...live, edit, delete: remove, react, unreact } };
  }, [client, room]);
  const state = useSyncExternalStore(subscribe, get, () => loadingChat);
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}

export interface PresenceOptions extends PresenceWatch {
  /** Whether to be in the room, or only to see who is. True when not given. */
  enter?: boolean | undefined;
  /** What to show of oneself; another one replaces it. When not given it is left as it is. */
  state?: PresenceState | null | undefined;
}

/** Who is in a room, and what one shows of oneself there. */
export interface RoomPresence extends LivePresenceState {
  /** Shows another state, where the component has entered. What is refused stands in `error`. */
  readonly setState: (state: PresenceState | null) => void;
}

/**
 * Is in a room while the component is mounted, and shows who else is. On the server, and while the page hydrates, it
 * is loading.
 */
export function usePresence(room: string, options: PresenceOptions = {}): RoomPresence {
  const { enter = true, state: wanted, members, limit } = options;
  const client = useClient();
  const stay = useRef<Stay | null>(null);
  // By what it says: a state written inline is another object at each render.
  const written = wanted === undefined ? undefined : JSON.stringify(wanted);
  const latest = useRef(written);
  latest.current = written;
  const told = useRef<string | undefined>(undefined);

  useEffect(() => {
    if (!enter) return;
    told.current = latest.current;
    const entered = client.presence(room).enter(stateOf(told.current));
    stay.current = entered;
    return () => {
      stay.current = null;
      entered.leave();
    };
  }, [client, room, enter]);

  const setState = useCallback((state: PresenceState | null) => {
    // What went wrong is told by the live presence.
    stay.current?.update(state).catch(() => {});
  }, []);

  useEffect(() => {
    if (written === told.current) return;
    told.current = written;
    const state = stateOf(written);
    if (state !== undefined) setState(state);
  }, [setState, written]);

  const live = useMemo(() => client.presence(room).live({ members, limit }), [client, room, members, limit]);
  const state = useSyncExternalStore(live.subscribe, live.get, () => loadingPresence);
  return useMemo(() => ({ ...state, setState }), [state, setState]);
}

function stateOf(written: string | undefined): PresenceState | null | undefined {
  return written === undefined ? undefined : JSON.parse(written);
}
