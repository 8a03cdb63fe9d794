import { missCost } from "./rules.js";
import "./pitch-card.css";

/** The rules of the game, shown over the seats before the first round. */
export function Instructions() {
  return (
    <div className="pitch-card">
      <p className="pitch-card-title">Hit the lit seat.</p>
      <p className="pitch-card-text">
        Ten seconds. The faster you hit, the more it's worth, and hits in a row count up to double. A miss
        costs {missCost}.
      </p>
    </div>
  );
}
