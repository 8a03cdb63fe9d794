import { Gate } from "./gate/Gate.js";
import { LivePage } from "./LivePage.js";
import { useGuestSession } from "./session/useGuestSession.js";

/** Without a session the gate asks for a name; with one the page goes live. */
export function App() {
  const { session, wasRefused, enter, leave, refuse } = useGuestSession();
  if (!session) return <Gate wasRefused={wasRefused} onEnter={enter} />;
  return <LivePage key={session.token} session={session} onLeave={leave} onRefused={refuse} />;
}
