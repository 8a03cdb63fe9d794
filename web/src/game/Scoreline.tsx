import { formatNumber } from "../shell/number-format.js";
import { multiplier, type Round, streakForDouble } from "./rules.js";
import "./scoreline.css";

interface ScorelineProps {
  round: Round;
  secondsLeft: number;
}

const pips = Array.from({ length: streakForDouble }, (_, index) => index);

/** The scoreboard above the stand. Screen readers hear only the final result, which `Result` announces. */
export function Scoreline({ round, secondsLeft }: ScorelineProps) {
  return (
    <div className="scoreline">
      <dl>
        <div className="scoreline-score">
          <dt>Score</dt>
          <dd className="figures">{formatNumber(round.score)}</dd>
        </div>
        <div className="scoreline-streak">
          <dt>Streak</dt>
          <dd>
            <span className="figures">×{multiplier(round.streak).toFixed(1)}</span>
            <span className="pips" aria-hidden="true">
              {pips.map((pip) => (
                <span key={pip} className="pip" data-on={pip < round.streak} />
              ))}
            </span>
          </dd>
        </div>
        <div className="scoreline-time">
          <dt>Seconds</dt>
          <dd className="figures">{secondsLeft}</dd>
        </div>
      </dl>
      <div className="clock" aria-hidden="true">
        <div className="clock-hand" />
      </div>
    </div>
  );
}
