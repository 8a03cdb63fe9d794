import { Gate } from "./gate/Gate.js";
import { LivePage } from "./LivePage.js";
import { useGuestSession } from "./session/useGuestSession.js";

/** Without a session the gate asks for a name; with one the page goes live. */
export function App() {
  const { session, formerName, enter, leave, expire } = useGuestSession();
  if (!session) return <Gate formerName={formerName} onEnter={enter} />;
  return <LivePage key={session.token} session={session} onLeave={leave} onExpired={expire} />;
}
