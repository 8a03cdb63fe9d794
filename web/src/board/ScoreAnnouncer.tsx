import type { Entry } from "@grandstand/sdk";
import { useName } from "../names/Names.js";
import { formatNumber } from "../shell/number-format.js";

interface ScoreAnnouncerProps {
  own: Entry | null;
  leader: Entry | null;
}

/**
 * Tells screen readers the player's own place and the leader when they change. The rows themselves change
 * too often to be announced; a screen reader can still browse them.
 */
export function ScoreAnnouncer({ own, leader }: ScoreAnnouncerProps) {
  const nameOf = useName();
  const isLeading = own !== null && own.member === leader?.member;
  return (
    <p className="visually-hidden" role="status">
      {own && `You are number ${own.rank} with ${formatNumber(own.score)} points. `}
      {leader &&
        !isLeading &&
        `${nameOf(leader.profile, leader.member)} leads with ${formatNumber(leader.score)}.`}
    </p>
  );
}
