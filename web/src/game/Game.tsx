import type { Entry } from "@grandstand/sdk";
import { useEffect, useRef } from "react";
import { formatScore } from "../board/score-format.js";
import { type PeriodWindow, periodOf } from "../season/periods.js";
import { Panel } from "../shell/Panel.js";
import { Countdown } from "./Countdown.js";
import { Invitation } from "./Invitation.js";
import { Result } from "./Result.js";
import { openingRound, ROUND_MS } from "./rules.js";
import { Scoreline } from "./Scoreline.js";
import { StageBar } from "./StageBar.js";
import { Stand } from "./Stand.js";
import { useLanding } from "./useLanding.js";
import { usePlay } from "./usePlay.js";
import "./game.css";

interface GameProps {
  userId: string;
  /** The player's entry on the board, once there is one, and of what period that is. */
  own: Entry | null;
  period: PeriodWindow;
  /** Told whether a round is under way. */
  onPlaying: (isPlaying: boolean) => void;
}

/** The game, from the invitation to the whistle; what is scored goes to the board. */
export function Game({ userId, own, period, onPlaying }: GameProps) {
  const { play, start, stop, strike } = usePlay();
  const { landing, land, clear } = useLanding(userId);
  const stand = useRef<HTMLDivElement>(null);

  const finished = play.phase === "over" ? play.round : null;
  useEffect(() => {
    if (finished && finished.score > 0) land(finished.score);
  }, [finished, land]);

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
          {play.phase === "idle" && <Invitation />}
          {play.phase === "countdown" && <Countdown beat={play.beat} />}
          {finished && <Result round={finished} landing={landing} onSendAgain={() => land(finished.score)} />}
        </div>
        <StageBar phase={play.phase} onStart={begin} onStop={stop} />
      </div>
    </Panel>
  );
}

function Best({ own, period }: { own: Entry; period: PeriodWindow }) {
  return (
    <span className="figures">
      Your best {periodOf(period)?.scoredIn} <strong>{formatScore(own.score)}</strong>
    </span>
  );
}
