import { useCallback, useEffect, useReducer } from "react";
import { seatOfCode } from "./keys.js";
import { idlePlay, nextPlay } from "./play.js";

/**
 * Runs a play on the browser's clock. A strike counts from when the key or the finger went down (the
 * event's own time), so a busy page costs the player nothing.
 */
export function usePlay() {
  const [play, move] = useReducer(nextPlay, idlePlay);

  const start = useCallback(() => move({ kind: "start", atMs: performance.now() }), []);
  const stop = useCallback(() => move({ kind: "stop" }), []);
  const strike = useCallback((seat: number, atMs: number) => move({ kind: "strike", seat, atMs }), []);

  const isTicking = play.phase === "countdown" || play.phase === "running";
  useEffect(() => {
    if (!isTicking) return;
    const onFrame = (atMs: number) => {
      move({ kind: "tick", atMs });
      frame = requestAnimationFrame(onFrame);
    };
    let frame = requestAnimationFrame(onFrame);
    return () => cancelAnimationFrame(frame);
  }, [isTicking]);

  // The keys belong to the game only while it is played, and nobody writes: anywhere else a letter is a letter.
  useEffect(() => {
    if (!isTicking) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLTextAreaElement) return;
      const seat = seatOfCode(event.code);
      if (event.key === "Escape") stop();
      else if (seat !== null) strike(seat, event.timeStamp);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [isTicking, stop, strike]);

  return { play, start, stop, strike };
}
