import { Gate } from "./gate/Gate.js";
import { LivePage } from "./LivePage.js";
import { useGuestSession } from "./session/useGuestSession.js";

/** Shows the gate, which asks for a name, until the visitor has a session; then the live page. */
export function App() {
  const { session, formerName, enter, leave, expire } = useGuestSession();
  if (!session) return <Gate formerName={formerName} onEnter={enter} />;
  return <LivePage key={session.token} session={session} onLeave={leave} onExpired={expire} />;
}
