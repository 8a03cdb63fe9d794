import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import type { Chat } from "./chat.js";
import type { Client } from "./client.js";
import { type ConnectionState, connectingState } from "./connection-state.js";
import type { BoardView } from "./live/board-view.js";
import { type LiveChatState, loadingChat } from "./live/chat-state.js";
import { type LiveCounterState, loadingCounter } from "./live/counter-state.js";
import { type LiveLeaderboardState, loadingState } from "./live/leaderboard-state.js";
import type { LiveChat } from "./live/live-chat.js";

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
