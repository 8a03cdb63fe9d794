import { useEffect, useRef } from "react";

interface StartButtonProps {
  label: string;
  /** True if a round has just ended. The player may still be pressing keys then. */
  isReplay: boolean;
  /** False while the button waits for a connection. */
  canStart: boolean;
  onStart: () => void;
}

const IGNORE_PRESS_MS = 500;

/** The button that starts a round. It takes the focus when it appears, so that Enter starts the round. */
export function StartButton({ label, isReplay, canStart, onStart }: StartButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const shownAtMs = useRef(0);

  useEffect(() => {
    shownAtMs.current = performance.now();
    button.current?.focus({ preventScroll: true });
  }, []);

  const begin = () => {
    if (!canStart) return;
    // A late press that was meant for the last round must not start the next round.
    if (isReplay && performance.now() - shownAtMs.current < IGNORE_PRESS_MS) return;
    onStart();
  };

  return (
    <button ref={button} type="button" className="main-button" aria-disabled={!canStart} onClick={begin}>
      {label}
    </button>
  );
}
