import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

const Announce = createContext<(text: string) => void>(() => {});

/** @returns a function that shows the result of an action, and announces it to screen readers */
export function useAnnounce(): (text: string) => void {
  return useContext(Announce);
}

const SHOWN_MS = 5_000;

export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ text: string; number: number } | null>(null);
  const announce = useCallback(
    (text: string) => setSaid((before) => ({ text, number: (before?.number ?? 0) + 1 })),
    [],
  );
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Announce value={announce}>
      {children}
      <div className="announcer" role="status">
        {said && (
          <p key={said.number} className="announcement">
            {said.text}
          </p>
        )}
      </div>
    </Announce>
  );
}
