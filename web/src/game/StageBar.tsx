import { useConnection } from "@grandstand/sdk/react";
import type { Play } from "./play.js";
import { StartButton } from "./StartButton.js";
import "./stage-bar.css";

interface StageBarProps {
  phase: Play["phase"];
  onStart: () => void;
  onStop: () => void;
}

/** The bar below the seats: a hint on the controls, and the button that starts or stops a round. */
export function StageBar({ phase, onStart, onStop }: StageBarProps) {
  const { status } = useConnection();
  const canPlay = status === "live" || status === "catchingUp";
  const isPlaying = phase === "countdown" || phase === "running";
  return (
    <div className="stage-bar">
      <p className="stage-hint">
        {canPlay || isPlaying ? (
          <>
            <span className="stage-hint-keys">Click the seats, or press the keys they are marked with.</span>
            <span className="stage-hint-touch">Tap the seats. Two thumbs are faster.</span>
          </>
        ) : (
          "You can play when the connection is back: a score needs the board."
        )}
      </p>
      {isPlaying ? (
        <button type="button" className="stop-button" onClick={onStop}>
          Stop <kbd>Esc</kbd>
        </button>
      ) : (
        <StartButton
          key={phase}
          label={phase === "over" ? "Play again" : "Play"}
          isReplay={phase === "over"}
          canStart={canPlay}
          onStart={onStart}
        />
      )}
    </div>
  );
}
