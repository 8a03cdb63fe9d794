import { describe, expect, it } from "vitest";
import { BEAT_MS, countdownBeats, idlePlay, type Move, nextPlay, type Play } from "./play.js";
import { course, LIT_MS, openingRound, ROUND_MS } from "./rules.js";

const firstSeat = course[0] as number;
const BEGAN_AT_MS = 5_000;
const kickOffAtMs = BEGAN_AT_MS + countdownBeats * BEAT_MS;

const after = (...moves: Move[]) => moves.reduce<Play>(nextPlay, idlePlay);
const start: Move = { kind: "start", atMs: BEGAN_AT_MS };
const tick = (atMs: number): Move => ({ kind: "tick", atMs });
const strike = (atMs: number, seat = firstSeat): Move => ({ kind: "strike", seat, atMs });

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

  it("starts the clock when the seat is shown, however late that is", () => {
    expect(after(start, tick(kickOffAtMs + 400))).toMatchObject({ beganAtMs: kickOffAtMs + 400 });
  });

  it("takes no strikes", () => {
    const counting = after(start);
    expect(nextPlay(counting, strike(BEGAN_AT_MS + 10))).toBe(counting);
  });

  it("survives a frame that began before the player pressed", () => {
    expect(after(start, tick(BEGAN_AT_MS - 8))).toMatchObject({ phase: "countdown", beat: 3 });
  });
});

describe("the round", () => {
  const running = after(start, tick(kickOffAtMs));

  it("scores a strike by its own time", () => {
    expect(nextPlay(running, strike(kickOffAtMs + 250))).toMatchObject({ round: { score: 1_000, hits: 1 } });
  });

  it("stays the same object while a tick changes nothing that can be seen", () => {
    const counted = nextPlay(running, tick(kickOffAtMs + 16));
    expect(nextPlay(counted, tick(kickOffAtMs + 32))).toBe(counted);
    expect(nextPlay(counted, tick(kickOffAtMs + 1_001))).toMatchObject({ secondsLeft: 9 });
  });

  it("darkens a seat that nobody hits", () => {
    expect(nextPlay(running, tick(kickOffAtMs + LIT_MS))).toMatchObject({ round: { step: 1 } });
  });

  it("is over after ten seconds, with the score that stands", () => {
    const hit = nextPlay(running, strike(kickOffAtMs + 250));
    expect(nextPlay(hit, tick(kickOffAtMs + ROUND_MS))).toMatchObject({
      phase: "over",
      round: { score: 1_000 },
    });
  });

  it("can be broken off", () => {
    expect(nextPlay(running, { kind: "stop" })).toBe(idlePlay);
  });
});

it("stays over until it is started again", () => {
  const over = after(start, tick(kickOffAtMs), tick(kickOffAtMs + ROUND_MS));
  expect(nextPlay(over, tick(kickOffAtMs + ROUND_MS * 2))).toBe(over);
  expect(nextPlay(over, strike(kickOffAtMs + ROUND_MS + 1))).toBe(over);
  expect(nextPlay(over, start)).toMatchObject({ phase: "countdown" });
});
