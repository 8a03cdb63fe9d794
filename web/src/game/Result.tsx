import { resultTextOf } from "./result-text.js";
import type { Round } from "./rules.js";
import type { Submission } from "./useScoreSubmission.js";
import "./pitch-card.css";
import "./result.css";

interface ResultProps {
  round: Round;
  submission: Submission;
  onResubmit: () => void;
}

/** The result after the whistle that ends a round: the score, and its rank on the board. */
export function Result({ round, submission, onResubmit }: ResultProps) {
  const { title, text } = resultTextOf(round.score, submission);
  return (
    <div className="pitch-card result" data-submission={submission.kind}>
      <div role="status">
        <p className="pitch-card-title">{title}</p>
        <p className="pitch-card-text">{text}</p>
      </div>
      {submission.kind === "refused" && (
        <button type="button" className="quiet-button" onClick={onResubmit}>
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
