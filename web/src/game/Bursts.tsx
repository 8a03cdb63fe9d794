import { formatScore } from "../board/score-format.js";
import { type Outcome, placeOf, type Round } from "./rules.js";
import { seatPlacement } from "./seat-placement.js";
import "./bursts.css";

const shownAtOnce = 3;

/** What the last strikes brought, rising from their seats. For the eye only: the score is read out at the end. */
export function Bursts({ outcomes }: { outcomes: Round["outcomes"] }) {
  const first = Math.max(0, outcomes.length - shownAtOnce);
  // An outcome keeps its number in the round, so a burst that is on its way stays the same element.
  const numbered = outcomes.map((outcome, number) => ({ outcome, number })).slice(first);
  return numbered.map(({ outcome, number }) => (
    <span
      key={number}
      className="burst figures"
      style={seatPlacement(placeOf(outcome.seat))}
      data-kind={outcome.kind}
      aria-hidden="true"
    >
      {words(outcome)}
    </span>
  ));
}

function words(outcome: Outcome): string {
  if (outcome.kind === "late") return "Late";
  return outcome.kind === "hit" ? `+${formatScore(outcome.points)}` : `\u2212${formatScore(-outcome.points)}`;
}
