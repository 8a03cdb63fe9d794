import type { LeaderboardSeasonClosed } from "@grandstand/sdk";
import { useEffect, useRef, useState } from "react";
import { finalWordsOf } from "./final-words.js";
import "./season-notice.css";

interface SeasonNoticeProps {
  /** The season that ended while one watched. */
  closing: LeaderboardSeasonClosed | null;
  userId: string;
}

const SHOWN_MS = 30_000;

/** Who won, for a while after the season's end or until it is read. It lies over the places that are free by then. */
export function SeasonNotice({ closing, userId }: SeasonNoticeProps) {
  const place = useRef<HTMLDivElement>(null);
  const [read, setRead] = useState<LeaderboardSeasonClosed | null>(null);

  useEffect(() => {
    if (!closing) return;
    const timer = setTimeout(() => setRead(closing), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [closing]);

  const dismiss = () => {
    setRead(closing);
    // The button goes, and the focus stays where it was.
    place.current?.focus({ preventScroll: true });
  };

  const words = closing && closing !== read ? finalWordsOf(closing, userId) : null;
  return (
    <div ref={place} className="season-notice-place" role="status" tabIndex={-1}>
      {words && (
        <div className="season-notice">
          <div>
            <p className="season-notice-title">Full time.</p>
            <p>{words}</p>
          </div>
          <button type="button" className="line-button" onClick={dismiss}>
            Play on
          </button>
        </div>
      )}
    </div>
  );
}
