import { GrandstandError } from "@grandstand/sdk";
import { useCallback, useState } from "react";
import { formatNumber } from "../shell/number-format.js";
import { Panel } from "../shell/Panel.js";
import { CheerButton } from "./CheerButton.js";
import { cheers } from "./cheers.js";
import { NoiseMeter } from "./NoiseMeter.js";
import { useMilestone } from "./useMilestone.js";
import { useNoiseLevel } from "./useNoiseLevel.js";
import { useVisitorCounter } from "./useVisitorCounter.js";
import "./noise.css";

/** Counters that everyone shares. Guests add to three of them by pressing a button. The fourth counts the visitors. */
export function Noise() {
  const [level, makeNoise] = useNoiseLevel();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [milestone, showMilestone] = useMilestone();
  const visitors = useVisitorCounter();
  const onResult = useCallback((error: unknown) => setRefusal(error === null ? null : reasonOf(error)), []);
  return (
    <Panel
      title="Make some noise"
      className="noise"
      aside={visitors.value > 0 && <VisitorCount people={visitors.value} />}
    >
      <NoiseMeter level={level} />
      <div className="noise-cheers">
        {cheers.map((cheer) => (
          <CheerButton
            key={cheer.counter}
            cheer={cheer}
            onRise={makeNoise}
            onMilestone={showMilestone}
            onResult={onResult}
          />
        ))}
      </div>
      <p className="noise-words" role="status">
        {refusal !== null ? (
          `That did not count: ${refusal}`
        ) : milestone !== null ? (
          <strong key={milestone}>{milestone}</strong>
        ) : (
          "Every press counts, for everyone who is here."
        )}
      </p>
    </Panel>
  );
}

function reasonOf(error: unknown): string {
  return error instanceof GrandstandError ? error.message : String(error);
}

function VisitorCount({ people }: { people: number }) {
  return (
    <span className="figures">
      <strong>{formatNumber(people)}</strong> {people === 1 ? "guest" : "guests"} so far
    </span>
  );
}
