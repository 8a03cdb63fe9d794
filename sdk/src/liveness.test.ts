import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Liveness } from "./liveness.js";

const ping = vi.fn();
const onDead = vi.fn();
let liveness: Liveness;

beforeEach(() => {
  vi.resetAllMocks();
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  liveness = new Liveness(ping, onDead);
});
afterEach(() => {
  liveness.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("SD6 the liveness check", () => {
  it("sends a ping after more than 20 s of silence, and reports a dead connection if nothing arrives within 4 s", () => {
    vi.advanceTimersByTime(20_000);
    expect(ping).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3_999);
    expect(onDead).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onDead).toHaveBeenCalledTimes(1);
  });

  it("sends no ping while messages arrive, and reports nothing if a message arrives after a ping", () => {
    for (let at = 0; at < 60_000; at += 1_000) {
      liveness.received();
      vi.advanceTimersByTime(1_000);
    }
    expect(ping).not.toHaveBeenCalled();
    liveness.check();
    vi.advanceTimersByTime(3_000);
    liveness.received();
    vi.advanceTimersByTime(5_000);
    expect(onDead).not.toHaveBeenCalled();
  });

  it("sends no second ping while a check is running", () => {
    liveness.check();
    liveness.check();
    expect(ping).toHaveBeenCalledTimes(1);
  });

  it("sends no ping for silence while the page is hidden", () => {
    vi.stubGlobal("document", { visibilityState: "hidden" });
    vi.advanceTimersByTime(120_000);
    expect(ping).not.toHaveBeenCalled();
  });

  it("sends a ping after the computer was asleep", () => {
    liveness.received();
    vi.setSystemTime(Date.now() + 60_000);
    vi.advanceTimersByTime(5_000);
    expect(ping).toHaveBeenCalledTimes(1);
  });

  it("sends another ping before it reports a dead connection if the page itself was frozen", () => {
    liveness.check();
    const now = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(now + 60_000);
    vi.advanceTimersByTime(4_000);
    expect(onDead).not.toHaveBeenCalled();
    expect(ping).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(4_000);
    expect(onDead).toHaveBeenCalledTimes(1);
  });
});
