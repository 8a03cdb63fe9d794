import { lazy, Suspense, useEffect } from "react";
import { Gate } from "./gate/Gate.js";
import { useGuestSession } from "./session/useGuestSession.js";

const loadLivePage = () => import("./LivePage.js");
const LivePage = lazy(async () => ({ default: (await loadLivePage()).LivePage }));

/** Shows the live page to a visitor with a session; to any other visitor the gate, which asks for a name. */
export function App() {
  const { session, formerName, enter, leave, expire } = useGuestSession();
  // The gate is small and shows first. The live page loads while the visitor types a name.
  useEffect(() => {
    loadLivePage().catch(() => {});
  }, []);
  if (!session) return <Gate formerName={formerName} onEnter={enter} />;
  return (
    <Suspense fallback={null}>
      <LivePage key={session.token} session={session} onLeave={leave} onExpired={expire} />
    </Suspense>
  );
}
