import { createGuestSession } from "@grandstand/sdk";
import { useCallback, useState } from "react";
import { forgetSession, type GuestSession, readSession, rememberSession } from "./guest-session.js";

export function useGuestSession() {
  const [session, setSession] = useState<GuestSession | null>(readSession);
  const [formerName, setFormerName] = useState<string | null>(null);

  const enter = useCallback(async (name: string) => {
    const { user, token } = await createGuestSession({ name });
    const entered = { user, token };
    rememberSession(entered);
    setFormerName(null);
    setSession(entered);
  }, []);

  const leave = useCallback(() => {
    forgetSession();
    setSession(null);
  }, []);

  /** The server no longer accepts the session: the guest begins anew, under the same name if they like. */
  const expire = useCallback(() => {
    setFormerName(session?.user.name ?? "");
    leave();
  }, [session, leave]);

  return { session, formerName, enter, leave, expire };
}
