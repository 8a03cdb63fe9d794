import { expect, it, vi } from "vitest";
import { wholeView } from "./board-view.js";
import { LiveBoards } from "./live-leaderboard.js";

it("a board is forgotten after the last listener of its views was removed", async () => {
  const boards = new LiveBoards({
    isLive: true,
    me: null,
    call: () => Promise.reject(new Error("not called")),
    request: (_operation, _input, settle) =>
      settle({ ok: true, data: { position: { epoch: "e", offset: 0 } } }),
  });
  const views = [10, 25].map((top) => boards.view("arcade", wholeView({ top })));
  const stops = views.map((view) => view.subscribe(() => {}));
  expect(boards.size).toBe(1);
  for (const stop of stops) stop();
  await vi.waitFor(() => expect(boards.size).toBe(0), { timeout: 20_000 });
});
