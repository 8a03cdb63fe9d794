import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Polling } from "./live/channel/polling.js";
import { whenVisible } from "./page-visibility.js";

class Page extends EventTarget {
  visibilityState = "visible";

  show(state: "visible" | "hidden"): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

let page: Page;
beforeEach(() => {
  page = new Page();
  vi.stubGlobal("document", page);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("whenVisible calls back at once on a visible page, and once a hidden page is shown unless it was cancelled", () => {
  const called: string[] = [];
  whenVisible(() => called.push("visible"));
  page.show("hidden");
  whenVisible(() => called.push("shown"));
  whenVisible(() => called.push("cancelled"))();
  expect(called).toEqual(["visible"]);
  page.show("visible");
  page.show("hidden");
  page.show("visible");
  expect(called).toEqual(["visible", "shown"]);
});

it("polling pauses while the page is hidden, and continues at once when the page is shown", async () => {
  const read = vi.fn(async () => 1);
  const polling = new Polling({ isLive: true }, 10_000, {
    read,
    onRead: () => {},
    onInterrupted: () => {},
    onRefused: () => {},
  });
  polling.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read).toHaveBeenCalledTimes(2);
  page.show("hidden");
  await vi.advanceTimersByTimeAsync(100_000);
  expect(read).toHaveBeenCalledTimes(2);
  page.show("visible");
  await vi.advanceTimersByTimeAsync(0);
  expect(read).toHaveBeenCalledTimes(3);
  page.show("hidden");
  await vi.advanceTimersByTimeAsync(10_000);
  polling.stop();
  page.show("visible");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read).toHaveBeenCalledTimes(3);
});
