import { describe, expect, it } from "vitest";
import { BEAT_MS, countdownBeats, idlePlay, type Play, type PlayAction, playReducer } from "./play.js";
import { course, LIT_MS, openingRound, ROUND_MS } from "./rules.js";

const firstSeat = course[0] as number;
const BEGAN_AT_MS = 5_000;
const kickOffAtMs = BEGAN_AT_MS + countdownBeats * BEAT_MS;

const after = (...actions: PlayAction[]) => actions.reduce<Play>(playReducer, idlePlay);
const start: PlayAction = { kind: "start", atMs: BEGAN_AT_MS };
const tick = (atMs: number): PlayAction => ({ kind: "tick", atMs });
const strike = (atMs: number, seat = firstSeat): PlayAction => ({ kind: "strike", seat, atMs });

describe("the countdown", () => {
  it("counts its beats down and then lights the first seat", () => {
    expect(after(start)).toMatchObject({ phase: "countdown", beat: 3 });
    expect(after(start, tick(BEGAN_AT_MS + BEAT_MS))).toMatchObject({ beat: 2 });
    expect(after(start, tick(kickOffAtMs))).toEqual({
      phase: "running",
      beganAtMs: kickOffAtMs,
      round: openingRound,
      secondsLeft: ROUND_MS / 1_000,
    });
  });

  it("starts the clock when the first seat is shown, even if that is late", () => {
    expect(after(start, tick(kickOffAtMs + 400))).toMatchObject({ beganAtMs: kickOffAtMs + 400 });
  });

  it("ignores strikes", () => {
    const counting = after(start);
    expect(playReducer(counting, strike(BEGAN_AT_MS + 10))).toBe(counting);
  });

  it("accepts a tick from before the start", () => {
    expect(after(start, tick(BEGAN_AT_MS - 8))).toMatchObject({ phase: "countdown", beat: 3 });
  });
});

describe("the round", () => {
  const running = after(start, tick(kickOffAtMs));

  it("scores a strike by the time of its event", () => {
    expect(playReducer(running, strike(kickOffAtMs + 250))).toMatchObject({
      round: { score: 1_000, hits: 1 },
    });
  });

  it("stays the same object while a tick changes nothing visible", () => {
    const counted = playReducer(running, tick(kickOffAtMs + 16));
    expect(playReducer(counted, tick(kickOffAtMs + 32))).toBe(counted);
    expect(playReducer(counted, tick(kickOffAtMs + 1_001))).toMatchObject({ secondsLeft: 9 });
  });

  it("darkens a seat that was not hit", () => {
    expect(playReducer(running, tick(kickOffAtMs + LIT_MS))).toMatchObject({ round: { step: 1 } });
  });

  it("ends after ten seconds and keeps the score", () => {
    const hit = playReducer(running, strike(kickOffAtMs + 250));
    expect(playReducer(hit, tick(kickOffAtMs + ROUND_MS))).toMatchObject({
      phase: "over",
      round: { score: 1_000 },
    });
  });

  it("can be stopped", () => {
    expect(playReducer(running, { kind: "stop" })).toBe(idlePlay);
  });
});

it("a round that is over ignores ticks and strikes until it is started again", () => {
  const over = after(start, tick(kickOffAtMs), tick(kickOffAtMs + ROUND_MS));
  expect(playReducer(over, tick(kickOffAtMs + ROUND_MS * 2))).toBe(over);
  expect(playReducer(over, strike(kickOffAtMs + ROUND_MS + 1))).toBe(over);
  expect(playReducer(over, start)).toMatchObject({ phase: "countdown" });
});
