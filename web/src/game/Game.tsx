import type { Entry } from "@grandstand/sdk";
import { useEffect, useRef } from "react";
import { type PeriodWindow, periodOf } from "../season/periods.js";
import { formatNumber } from "../shell/number-format.js";
import { Panel } from "../shell/Panel.js";
import { Countdown } from "./Countdown.js";
import { Instructions } from "./Instructions.js";
import { Result } from "./Result.js";
import { openingRound, ROUND_MS } from "./rules.js";
import { Scoreline } from "./Scoreline.js";
import { StageBar } from "./StageBar.js";
import { Stand } from "./Stand.js";
import { usePlay } from "./usePlay.js";
import { useScoreSubmission } from "./useScoreSubmission.js";
import "./game.css";

interface GameProps {
  userId: string;
  /** The player's entry in `period`; null before the first score. */
  own: Entry | null;
  period: PeriodWindow;
  /** Called with true when a countdown or a round begins to run, and with false when neither runs. */
  onPlaying: (isPlaying: boolean) => void;
}

/** The game from its instructions to the result. Each final score above 0 is submitted to the board. */
export function Game({ userId, own, period, onPlaying }: GameProps) {
  const { play, start, stop, strike } = usePlay();
  const { submission, submit, clear } = useScoreSubmission(userId);
  const stand = useRef<HTMLDivElement>(null);

  const finished = play.phase === "over" ? play.round : null;
  useEffect(() => {
    if (finished && finished.score > 0) submit(finished.score);
  }, [finished, submit]);

  const isCounting = play.phase === "countdown";
  useEffect(() => {
    if (isCounting) stand.current?.focus({ preventScroll: true });
  }, [isCounting]);

  const isPlaying = isCounting || play.phase === "running";
  useEffect(() => onPlaying(isPlaying), [isPlaying, onPlaying]);

  const begin = () => {
    clear();
    start();
  };

  const round = play.phase === "running" || play.phase === "over" ? play.round : openingRound;
  const secondsLeft = play.phase === "running" ? play.secondsLeft : finished ? 0 : ROUND_MS / 1_000;
  return (
    <Panel title="Floodlight" className="game" aside={own && <Best own={own} period={period} />}>
      <div className="stage" data-phase={play.phase}>
        <Scoreline round={round} secondsLeft={secondsLeft} />
        <div className="stage-pitch">
          <Stand ref={stand} round={round} isRunning={play.phase === "running"} onStrike={strike} />
          {play.phase === "idle" && <Instructions />}
          {play.phase === "countdown" && <Countdown beat={play.beat} />}
          {finished && (
            <Result round={finished} submission={submission} onResubmit={() => submit(finished.score)} />
          )}
        </div>
        <StageBar phase={play.phase} onStart={begin} onStop={stop} />
      </div>
    </Panel>
  );
}

function Best({ own, period }: { own: Entry; period: PeriodWindow }) {
  return (
    <span className="figures">
      Your best {periodOf(period)?.scoredIn} <strong>{formatNumber(own.score)}</strong>
    </span>
  );
}
