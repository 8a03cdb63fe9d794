import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import type { Client } from "./client.js";
import { type ConnectionState, connectingState } from "./connection-state.js";
import type { BoardView } from "./live/board-view.js";
import { type LiveCounterState, loadingCounter } from "./live/counter-state.js";
import { type LiveLeaderboardState, loadingState } from "./live/leaderboard-state.js";

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
