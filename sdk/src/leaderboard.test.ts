import { afterEach, beforeEach, expect, it } from "vitest";
import { topOf } from "./testing/entries.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

it("all() reads every entry page by page, and no more pages than the loop needs", async () => {
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

it("all() reads the window and season that its options name", async () => {
  node.reply("leaderboard.entries", () => ({ entries: [], total: 0, season: "2026-W48", nextCursor: null }));
  const choice = { window: "weekly", season: "2026-W48", ranking: "dense" } as const;
  for await (const _ of node.connect().leaderboard("arcade").all(choice)) expect.fail("there is no entry");
  expect(node.inputsOf("leaderboard.entries")).toEqual([{ board: "arcade", limit: 200, ...choice }]);
});

it("export() returns the text page by page", async () => {
  const pages = ["header\none\n", "two\n", ""];
  node.reply("leaderboard.export", ({ cursor }) => {
    const at = Number(cursor ?? 0);
    return { content: pages[at], nextCursor: at + 1 < pages.length ? String(at + 1) : null };
  });
  const board = node.connect().leaderboard("arcade");
  const seen = [];
  for await (const page of board.export({ format: "csv", window: "daily", limit: 1 })) seen.push(page);
  expect(seen).toEqual(pages.slice(0, 2));
  expect(node.inputsOf("leaderboard.export").map(({ cursor }) => cursor)).toEqual([undefined, "1", "2"]);
  expect(node.inputsOf("leaderboard.export")[1]).toMatchObject({ format: "csv", window: "daily", limit: 1 });
});

const operations = [
  ...["get", "configure", "delete", "submit", "entries", "entry", "around", "aroundScore", "lookup", "stats"],
  ...["remove", "hide", "show", "close"],
];

it("each method calls its operation with the id of its board", async () => {
  for (const operation of operations) node.reply(`leaderboard.${operation}`, () => ({}));
  node.reply("leaderboard.seasons", () => ({ seasons: ["open"] }));
  node.reply("leaderboard.submitMany", () => ({ results: ["first"] }));
  const board = node.connect().leaderboard("arcade");
  await board.get();
  await board.configure({ order: "asc" });
  expect(await board.delete()).toBeUndefined();
  await board.submit({ member: "ada", score: 1, operator: "sum" });
  expect(await board.submitMany([{ member: "ada", score: 1 }])).toEqual(["first"]);
  await board.entries({ offset: 10 });
  await board.entry("ada");
  await board.entry("ada", { window: "daily" });
  await board.around("ada", { radius: 2 });
  await board.aroundScore(1, { radius: 2 });
  await board.lookup(["ada"], { ranking: "dense" });
  await board.stats({ member: "ada" });
  expect(await board.remove("ada")).toBeUndefined();
  expect(await board.hide("ada")).toBeUndefined();
  expect(await board.show("ada")).toBeUndefined();
  expect(await board.seasons({ window: "daily" })).toEqual(["open"]);
  await board.closeSeason({ window: "daily", season: "2026-11-24" });
  const sent = node.requests.map(({ operation, input: { idempotencyKey, ...input } }) => [operation, input]);
  expect(sent).toEqual([
    ["leaderboard.get", { board: "arcade" }],
    ["leaderboard.configure", { board: "arcade", order: "asc" }],
    ["leaderboard.delete", { board: "arcade" }],
    ["leaderboard.submit", { board: "arcade", member: "ada", score: 1, operator: "sum" }],
    ["leaderboard.submitMany", { board: "arcade", scores: [{ member: "ada", score: 1 }] }],
    ["leaderboard.entries", { board: "arcade", offset: 10 }],
    ["leaderboard.entry", { board: "arcade", member: "ada" }],
    ["leaderboard.entry", { board: "arcade", member: "ada", window: "daily" }],
    ["leaderboard.around", { board: "arcade", member: "ada", radius: 2 }],
    ["leaderboard.aroundScore", { board: "arcade", score: 1, radius: 2 }],
    ["leaderboard.lookup", { board: "arcade", members: ["ada"], ranking: "dense" }],
    ["leaderboard.stats", { board: "arcade", member: "ada" }],
    ["leaderboard.remove", { board: "arcade", member: "ada" }],
    ["leaderboard.hide", { board: "arcade", member: "ada" }],
    ["leaderboard.show", { board: "arcade", member: "ada" }],
    ["leaderboard.seasons", { board: "arcade", window: "daily" }],
    ["leaderboard.close", { board: "arcade", window: "daily", season: "2026-11-24" }],
  ]);
});
