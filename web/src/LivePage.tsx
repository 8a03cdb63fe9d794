import { type Client, createClient } from "@grandstand/sdk";
import { GrandstandProvider } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { Panels } from "./Panels.js";
import type { GuestSession } from "./session/guest-session.js";
import { ConnectionNotice } from "./shell/ConnectionNotice.js";
import { Footer } from "./shell/Footer.js";

interface LivePageProps {
  session: GuestSession;
  onLeave: () => void;
  /** The server no longer accepts the session. */
  onExpired: () => void;
}

/** The page of a guest with a session. All panels share one connection. */
export function LivePage({ session, onLeave, onExpired }: LivePageProps) {
  const client = useConnectedClient(session.token, onExpired);
  if (!client) return null;
  return (
    <GrandstandProvider client={client}>
      <Panels user={session.user} onLeave={onLeave} />
      <Footer />
      <ConnectionNotice onLeave={onLeave} />
    </GrandstandProvider>
  );
}

/** Creates the client in an effect, so that unmounting the page closes the connection. */
function useConnectedClient(token: string, onExpired: () => void): Client | null {
  const [client, setClient] = useState<Client | null>(null);
  useEffect(() => {
    const opened = createClient({ token });
    const unsubscribe = opened.connection.subscribe(() => {
      if (opened.connection.get().error?.code === "unauthenticated") onExpired();
    });
    // Connects before the panels are rendered, which would show "Offline" otherwise.
    opened.connect();
    setClient(opened);
    return () => {
      unsubscribe();
      opened.close();
    };
  }, [token, onExpired]);
  return client;
}
