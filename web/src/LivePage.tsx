import { type Client, createClient } from "@grandstand/sdk";
import { GrandstandProvider } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { Board } from "./board/Board.js";
import { Game } from "./game/Game.js";
import type { GuestSession } from "./session/guest-session.js";
import { Header } from "./shell/Header.js";
import "./live-page.css";

interface LivePageProps {
  session: GuestSession;
  onLeave: () => void;
  /** The server no longer accepts the session. */
  onRefused: () => void;
}

/** The page of a guest with a session: one connection, shared by every panel. */
export function LivePage({ session, onLeave, onRefused }: LivePageProps) {
  const client = useConnectedClient(session.token, onRefused);
  if (!client) return null;
  return (
    <GrandstandProvider client={client}>
      <Header user={session.user} onLeave={onLeave} />
      <main className="floor">
        <Game />
        <Board userId={session.user.id} />
      </main>
    </GrandstandProvider>
  );
}

/** A client belongs to the effect that opened it: whoever unmounts the page closes its connection. */
function useConnectedClient(token: string, onRefused: () => void): Client | null {
  const [client, setClient] = useState<Client | null>(null);
  useEffect(() => {
    const opened = createClient({ token });
    const unsubscribe = opened.connection.subscribe(() => {
      if (opened.connection.get().error?.code === "unauthenticated") onRefused();
    });
    setClient(opened);
    return () => {
      unsubscribe();
      opened.close();
    };
  }, [token, onRefused]);
  return client;
}
