import { formatNumber } from "../shell/number-format.js";
import { type Outcome, placeOf, type Round } from "./rules.js";
import { seatPlacement } from "./seat-placement.js";
import "./bursts.css";

const shownAtOnce = 3;

/**
 * Shows the last outcomes as texts, such as "+120" or "Late". Seats are the buttons that light up in the game. Each text
 * rises from the seat that the player pressed, or that went dark before a press. Screen readers hear only the final score.
 */
export function Bursts({ outcomes }: { outcomes: Round["outcomes"] }) {
  const first = Math.max(0, outcomes.length - shownAtOnce);
  // The outcome's number in the round is its key, so that React keeps the element of a running animation.
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
  return outcome.kind === "hit"
    ? `+${formatNumber(outcome.points)}`
    : `\u2212${formatNumber(-outcome.points)}`;
}
