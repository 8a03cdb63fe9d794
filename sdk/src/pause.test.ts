import { expect, it } from "vitest";
import { pause } from "./pause.js";

it("rejects at once with the reason of a signal that was aborted before the call", async () => {
  const reason = new Error("Stopped");
  const startedAt = performance.now();
  await expect(pause(5_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

it("rejects with the reason of a signal that is aborted during the wait", async () => {
  const controller = new AbortController();
  const waiting = pause(5_000, controller.signal);
  const reason = new Error("Stopped");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
