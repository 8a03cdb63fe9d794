import { advance, openingRound, ROUND_MS, type Round, strike } from "./rules.js";

/**
 * `Play` is a game in one of its phases, such as countdown or round. `playReducer` is pure: each action carries its time,
 * in milliseconds of a monotonic clock.
 */

export const countdownBeats = 3;
export const BEAT_MS = 650;

export type Play =
  | { phase: "idle" }
  /** `beat` counts down to 1. */
  | { phase: "countdown"; beganAtMs: number; beat: number }
  | { phase: "running"; beganAtMs: number; round: Round; secondsLeft: number }
  | { phase: "over"; round: Round };

export type PlayAction =
  | { kind: "start"; atMs: number }
  | { kind: "stop" }
  | { kind: "tick"; atMs: number }
  | { kind: "strike"; seat: number; atMs: number };

export const idlePlay: Play = { phase: "idle" };

/** The play after an action. A tick returns the same object if nothing visible changed. */
export function playReducer(play: Play, action: PlayAction): Play {
  switch (action.kind) {
    case "start":
      return { phase: "countdown", beganAtMs: action.atMs, beat: countdownBeats };
    case "stop":
      return idlePlay;
    case "tick":
      return tick(play, action.atMs);
    case "strike":
      if (play.phase !== "running") return play;
      return { ...play, round: strike(play.round, action.seat, Math.max(0, action.atMs - play.beganAtMs)) };
  }
}

function tick(play: Play, atMs: number): Play {
  if (play.phase === "countdown") {
    const beat = countdownBeats - Math.floor((atMs - play.beganAtMs) / BEAT_MS);
    if (beat === play.beat) return play;
    // The round starts with this tick, even if it is late, because the first seat lights up only now.
    if (beat <= 0) return running(atMs, openingRound, 0);
    return { ...play, beat: Math.min(countdownBeats, beat) };
  }
  if (play.phase === "running") {
    const elapsedMs = atMs - play.beganAtMs;
    const next = running(play.beganAtMs, advance(play.round, elapsedMs), elapsedMs);
    if (elapsedMs >= ROUND_MS) return { phase: "over", round: next.round };
    return next.round === play.round && next.secondsLeft === play.secondsLeft ? play : next;
  }
  return play;
}

function running(beganAtMs: number, round: Round, elapsedMs: number) {
  const secondsLeft = Math.ceil((ROUND_MS - Math.max(0, elapsedMs)) / 1_000);
  return { phase: "running" as const, beganAtMs, round, secondsLeft };
}
