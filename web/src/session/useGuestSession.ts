import { createGuestSession } from "@grandstand/sdk";
import { useCallback, useState } from "react";
import { forgetSession, type GuestSession, readSession, rememberSession } from "./guest-session.js";

export function useGuestSession() {
  const [session, setSession] = useState<GuestSession | null>(readSession);
  const [wasRefused, setWasRefused] = useState(false);

  const enter = useCallback(async (name: string) => {
    const { user, token } = await createGuestSession({ name });
    const entered = { user, token };
    rememberSession(entered);
    setWasRefused(false);
    setSession(entered);
  }, []);

  const leave = useCallback(() => {
    forgetSession();
    setSession(null);
  }, []);

  const refuse = useCallback(() => {
    setWasRefused(true);
    leave();
  }, [leave]);

  return { session, wasRefused, enter, leave, refuse };
}
