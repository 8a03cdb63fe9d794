import { useEffect, useRef } from "react";

interface StartButtonProps {
  label: string;
  /** It came up at the whistle, under hands that are still playing. */
  isAgain: boolean;
  onStart: () => void;
}

const SETTLE_MS = 500;

/** The button that begins a round. It takes the focus, so that Enter is all it needs. */
export function StartButton({ label, isAgain, onStart }: StartButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const shownAtMs = useRef(0);

  useEffect(() => {
    shownAtMs.current = performance.now();
    button.current?.focus({ preventScroll: true });
  }, []);

  const begin = () => {
    // The last strike of the round before must not begin the next one.
    if (isAgain && performance.now() - shownAtMs.current < SETTLE_MS) return;
    onStart();
  };

  return (
    <button ref={button} type="button" className="main-button" onClick={begin}>
      {label}
    </button>
  );
}
