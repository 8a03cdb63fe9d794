import { formatNumber } from "../shell/number-format.js";
import { trialText } from "./trial-text.js";
import type { Trial } from "./useExperiment.js";
import type { DemoNode } from "./useNodes.js";

interface TrialResultProps {
  trial: Trial | null;
  nodes: readonly DemoNode[];
}

/** The number of messages before and after the last experiment. Dashes keep the place of figures that are not known yet. */
export function TrialResult({ trial, nodes }: TrialResultProps) {
  const report = trial?.step === "done" ? trial.report : null;
  return (
    <div className="proof-result" data-step={trial?.step ?? "none"}>
      <dl className="proof-figures figures">
        <Figure term="Messages before" value={report?.before} />
        <Figure term="Messages after" value={report?.after} />
        <Figure term="Lost" value={report?.lost} />
      </dl>
      <p className="proof-text" role="status">
        {trial ? trialText(trial, nodes) : "The count of the chat's messages appears here."}
      </p>
    </div>
  );
}

function Figure({ term, value }: { term: string; value: number | undefined }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value === undefined ? "–" : formatNumber(value)}</dd>
    </div>
  );
}
