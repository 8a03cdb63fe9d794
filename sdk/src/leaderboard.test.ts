import { afterEach, beforeEach, expect, it } from "vitest";
import { topOf } from "./testing/entries.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

it("all() reads every entry, page by page, and no page more than the loop needs", async () => {
  const board = topOf(5);
  node.reply("leaderboard.entries", ({ limit, cursor }) => {
    const from = Number(cursor ?? 0);
    const to = from + Number(limit);
    const nextCursor = to < board.length ? String(to) : null;
    return { entries: board.slice(from, to), total: board.length, season: "all", nextCursor };
  });
  const { all } = node.connect().leaderboard("arcade");
  const seen = [];
  for await (const entry of all({ limit: 2 })) seen.push(entry);
  expect(seen).toEqual(board);
  expect(node.requests).toHaveLength(3);
  for await (const entry of all({ limit: 2 })) if (entry.rank === 2) break;
  expect(node.requests).toHaveLength(4);
});

it("each method calls the operation of its name on its board", async () => {
  for (const operation of ["get", "configure", "delete", "submit", "entries", "entry", "around", "remove"]) {
    node.reply(`leaderboard.${operation}`, () => ({}));
  }
  node.reply("leaderboard.submitMany", () => ({ results: ["first"] }));
  const board = node.connect().leaderboard("arcade");
  await board.get();
  await board.configure({ order: "asc" });
  expect(await board.delete()).toBeUndefined();
  await board.submit({ member: "ada", score: 1, operator: "sum" });
  expect(await board.submitMany([{ member: "ada", score: 1 }])).toEqual(["first"]);
  await board.entries({ offset: 10 });
  await board.entry("ada");
  await board.around("ada", { radius: 2 });
  expect(await board.remove("ada")).toBeUndefined();
  const sent = node.requests.map(({ operation, input: { idempotencyKey, ...input } }) => [operation, input]);
  expect(sent).toEqual([
    ["leaderboard.get", { board: "arcade" }],
    ["leaderboard.configure", { board: "arcade", order: "asc" }],
    ["leaderboard.delete", { board: "arcade" }],
    ["leaderboard.submit", { board: "arcade", member: "ada", score: 1, operator: "sum" }],
    ["leaderboard.submitMany", { board: "arcade", scores: [{ member: "ada", score: 1 }] }],
    ["leaderboard.entries", { board: "arcade", offset: 10 }],
    ["leaderboard.entry", { board: "arcade", member: "ada" }],
    ["leaderboard.around", { board: "arcade", member: "ada", radius: 2 }],
    ["leaderboard.remove", { board: "arcade", member: "ada" }],
  ]);
});
