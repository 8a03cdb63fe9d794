import { useCallback, useEffect, useReducer } from "react";
import { seatOfCode } from "./keys.js";
import { idlePlay, playReducer } from "./play.js";

/**
 * Runs a play (a countdown and a round) on the browser's clock. The seats are the buttons of the game. A strike is a press
 * of a seat or of its key. Its time is the timestamp of its event, so that a slow page does not cost the player points.
 */
export function usePlay() {
  const [play, dispatch] = useReducer(playReducer, idlePlay);

  const start = useCallback(() => dispatch({ kind: "start", atMs: performance.now() }), []);
  const stop = useCallback(() => dispatch({ kind: "stop" }), []);
  const strike = useCallback((seat: number, atMs: number) => dispatch({ kind: "strike", seat, atMs }), []);

  const isTicking = play.phase === "countdown" || play.phase === "running";
  useEffect(() => {
    if (!isTicking) return;
    const onFrame = (atMs: number) => {
      dispatch({ kind: "tick", atMs });
      frame = requestAnimationFrame(onFrame);
    };
    let frame = requestAnimationFrame(onFrame);
    return () => cancelAnimationFrame(frame);
  }, [isTicking]);

  // Keys count only during the countdown and the round, and not while the player types into the chat.
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
