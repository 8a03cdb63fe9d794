import type { Entry } from "@grandstand/sdk";
import { useName } from "../names/Names.js";
import { formatNumber } from "../shell/number-format.js";

interface ScoreGapProps {
  entries: readonly Entry[];
  own: Entry | null;
}

/** The line below the board: the points between the player and the next place up, or the leader's margin. */
export function ScoreGap({ entries, own }: ScoreGapProps) {
  const nameOf = useName();
  if (entries.length === 0) return <p className="score-gap">Nobody has played yet. The first score leads.</p>;
  if (!own) return <p className="score-gap">Your row appears with your first score.</p>;
  const ahead = entries.find((entry) => entry.rank === own.rank - 1);
  const behind = entries.find((entry) => entry.rank === own.rank + 1);
  if (ahead && ahead.score === own.score) {
    return (
      <p className="score-gap">Level with {nameOf(ahead.profile, ahead.member)}, who got there first.</p>
    );
  }
  if (ahead) {
    return (
      <p className="score-gap">
        <Points count={ahead.score - own.score} /> behind {nameOf(ahead.profile, ahead.member)}.
      </p>
    );
  }
  if (!behind) return <p className="score-gap">You lead. Nobody is chasing you yet.</p>;
  if (behind.score === own.score)
    return <p className="score-gap">You lead, level with {nameOf(behind.profile, behind.member)}.</p>;
  return (
    <p className="score-gap">
      You lead by <Points count={own.score - behind.score} />.
    </p>
  );
}

function Points({ count }: { count: number }) {
  return <strong className="figures">{count === 1 ? "1 point" : `${formatNumber(count)} points`}</strong>;
}
