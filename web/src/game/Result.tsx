import type { Round } from "./rules.js";
import type { Landing } from "./useLanding.js";
import { verdictOf } from "./verdict.js";
import "./pitch-card.css";
import "./result.css";

interface ResultProps {
  round: Round;
  landing: Landing;
  onSendAgain: () => void;
}

/** After the whistle: what the round was worth, and where it landed. */
export function Result({ round, landing, onSendAgain }: ResultProps) {
  const { title, text } = verdictOf(round.score, landing);
  return (
    <div className="pitch-card result" data-landing={landing.kind}>
      <div role="status">
        <p className="pitch-card-title">{title}</p>
        <p className="pitch-card-text">{text}</p>
      </div>
      {landing.kind === "refused" && (
        <button type="button" className="quiet-button" onClick={onSendAgain}>
          Send it again
        </button>
      )}
      <dl className="result-facts figures">
        <Fact term="Hits" value={String(round.hits)} />
        <Fact term="Misses" value={String(round.misses)} />
        <Fact term="Fastest" value={round.fastestMs === null ? "–" : `${Math.round(round.fastestMs)} ms`} />
        <Fact term="Best streak" value={String(round.bestStreak)} />
      </dl>
    </div>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}
