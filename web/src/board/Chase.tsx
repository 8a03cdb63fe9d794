import type { Entry } from "@grandstand/sdk";
import { nameOf } from "./name-of.js";
import { formatScore } from "./score-format.js";

interface ChaseProps {
  entries: readonly Entry[];
  own: Entry | null;
}

/** Under the board: how far it is to the next place up, or how far ahead one is. */
export function Chase({ entries, own }: ChaseProps) {
  if (entries.length === 0) return <p className="chase">Nobody has played yet. The first score leads.</p>;
  if (!own) return <p className="chase">Your row appears with your first score.</p>;
  const ahead = entries.find((entry) => entry.rank === own.rank - 1);
  const behind = entries.find((entry) => entry.rank === own.rank + 1);
  if (ahead && ahead.score === own.score) {
    return <p className="chase">Level with {nameOf(ahead)}, who got there first.</p>;
  }
  if (ahead) {
    return (
      <p className="chase">
        <Points count={ahead.score - own.score} /> behind {nameOf(ahead)}.
      </p>
    );
  }
  if (!behind) return <p className="chase">You lead. Nobody is chasing you yet.</p>;
  if (behind.score === own.score) return <p className="chase">You lead, level with {nameOf(behind)}.</p>;
  return (
    <p className="chase">
      You lead by <Points count={own.score - behind.score} />.
    </p>
  );
}

function Points({ count }: { count: number }) {
  return <strong className="figures">{count === 1 ? "1 point" : `${formatScore(count)} points`}</strong>;
}
