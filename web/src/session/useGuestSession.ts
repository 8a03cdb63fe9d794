import { createGuestSession } from "@grandstand/sdk";
import { useCallback, useState } from "react";
import { deleteSession, type GuestSession, readSession, storeSession } from "./guest-session.js";

export function useGuestSession() {
  const [session, setSession] = useState<GuestSession | null>(readSession);
  const [formerName, setFormerName] = useState<string | null>(null);

  const enter = useCallback(async (name: string) => {
    const { user, token } = await createGuestSession({ name });
    const entered = { user, token };
    storeSession(entered);
    setFormerName(null);
    setSession(entered);
  }, []);

  const leave = useCallback(() => {
    deleteSession();
    setSession(null);
  }, []);

  /** Handles a session that the server no longer accepts. The form for a guest's name suggests the same name again. */
  const expire = useCallback(() => {
    setFormerName(session?.user.name ?? "");
    leave();
  }, [session, leave]);

  return { session, formerName, enter, leave, expire };
}
