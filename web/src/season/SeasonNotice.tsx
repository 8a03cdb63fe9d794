import type { LeaderboardSeasonClosed } from "@grandstand/sdk";
import { useEffect, useRef, useState } from "react";
import { useName } from "../names/Names.js";
import { seasonResultText } from "./season-result.js";
import "./season-notice.css";

interface SeasonNoticeProps {
  /** The season that ended while the page was open. */
  closing: LeaderboardSeasonClosed | null;
  userId: string;
}

const SHOWN_MS = 30_000;

/**
 * Shows the winner of an ended season until the user closes the notice or it times out. The
 * notice lies over the end of the list, where the board usually has empty rows.
 */
export function SeasonNotice({ closing, userId }: SeasonNoticeProps) {
  const nameOf = useName();
  const place = useRef<HTMLDivElement>(null);
  const [dismissed, setDismissed] = useState<LeaderboardSeasonClosed | null>(null);

  useEffect(() => {
    if (!closing) return;
    const timer = setTimeout(() => setDismissed(closing), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [closing]);

  const dismiss = () => {
    setDismissed(closing);
    // The focused button is removed, so move the focus to its container.
    place.current?.focus({ preventScroll: true });
  };

  const text = closing && closing !== dismissed ? seasonResultText(closing, userId, nameOf) : null;
  return (
    <div ref={place} className="season-notice-place" role="status" tabIndex={-1}>
      {text && (
        <div className="season-notice">
          <div>
            <p className="season-notice-title">Full time.</p>
            <p>{text}</p>
          </div>
          <button type="button" className="line-button" onClick={dismiss}>
            Play on
          </button>
        </div>
      )}
    </div>
  );
}
