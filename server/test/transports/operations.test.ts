import type { Ack } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure, issuesOf } from "../support/acks.js";
import { callDrivers } from "../support/drivers/call-drivers.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

let node: TestNode;
let guest: { id: string; token: string };

beforeAll(async () => {
  node = await startTestNode();
  const { user, token } = await newGuest(node.url, "Ann");
  guest = { id: user.id, token };
});

afterAll(() => node.close());

describe.each(callDrivers)("$name", (driver) => {
  let server: Client;
  let user: Client;
  let board: string;

  beforeEach(async () => {
    [server, user] = await Promise.all([
      driver.open(node.url, TEST_API_KEY),
      driver.open(node.url, guest.token),
    ]);
    board = freshId("board");
    await server.call("leaderboard.configure", { board, submit: "member", min: 0, max: 1_000 });
  });

  afterEach(() => Promise.all([server.close(), user.close()]));

  it("T1: submits, reads, removals and deletions on a board answer as the contract says", async () => {
    expect(await server.call("leaderboard.get", { board })).toMatchObject({
      ok: true,
      data: { board, order: "desc", operator: "best", submit: "member", min: 0, maxDelta: null, total: 0 },
    });
    expect(await user.call("leaderboard.submit", { board, member: guest.id, score: 7.25 })).toEqual({
      ok: true,
      data: {
        entry: entryLike({ member: guest.id, score: 7.25, rank: 1, profile: { name: "Ann", avatar: null } }),
        previous: null,
        improved: true,
        windows: { all: { season: "all", rank: 1, previousRank: null, toNextRank: null } },
      },
    });
    expect(
      await server.call("leaderboard.submitMany", {
        board,
        scores: [
          { member: "bo", score: 9 },
          { member: "cy", score: -1 },
          { member: "di é", score: 3, subscore: 2, metadata: { ship: "red" } },
        ],
      }),
    ).toMatchObject({
      ok: true,
      data: {
        results: [
          { ok: true, member: "bo", rank: 1, improved: true },
          { ok: false, member: "cy", error: { code: "conflict", issues: [{ path: "score", rule: "min" }] } },
          { ok: true, member: "di é", rank: 3, subscore: 2 },
        ],
      },
    });
    expect(await user.call("leaderboard.entries", { board, limit: 2 })).toMatchObject({
      ok: true,
      data: {
        entries: [
          { member: "bo", rank: 1 },
          { member: guest.id, rank: 2 },
        ],
        total: 3,
        season: "all",
      },
    });
    expect(await user.call("leaderboard.entry", { board, member: "di é" })).toMatchObject({
      ok: true,
      data: { rank: 3, metadata: { ship: "red" } },
    });
    expect(await user.call("leaderboard.around", { board, member: "bo", radius: 1 })).toMatchObject({
      ok: true,
      data: { entries: [{ rank: 1 }, { rank: 2 }, { rank: 3 }], total: 3 },
    });
    expect(await server.call("leaderboard.remove", { board, member: "bo" })).toEqual({
      ok: true,
      data: { removed: true },
    });
    expect(dataOf(await server.call("leaderboard.list", { limit: 100 })).boards).toContainEqual(
      expect.objectContaining({ board, total: 2 }),
    );
    expect(await server.call("leaderboard.delete", { board })).toEqual({ ok: true, data: { deleted: true } });
    expect(await server.call("leaderboard.get", { board })).toMatchObject(failure("not_found"));
  });

  it("T1: windows, friends, neighbours, statistics and moderation answer as the contract says", async () => {
    await server.call("leaderboard.configure", {
      board,
      windows: ["all", "weekly"],
      timezone: "Europe/Berlin",
    });
    const scores = [4, 3, 3, 1].map((score, at) => ({ member: `m${at}`, score }));
    await server.call("leaderboard.submitMany", { board, scores });
    const read = (operation: string, input: object) =>
      user.call(`leaderboard.${operation}`, { board, ...input });
    expect(dataOf(await read("entries", { ranking: "competition", window: "weekly" }))).toMatchObject({
      entries: [{ rank: 1 }, { rank: 2 }, { rank: 2 }, { rank: 4 }],
      season: expect.stringMatching(/^\d{4}-W\d\d$/),
    });
    expect(dataOf(await read("lookup", { members: ["m3", "m1", "who"], ranking: "dense" }))).toMatchObject({
      entries: [
        { member: "m1", rank: 2, place: 1 },
        { member: "m3", rank: 3, place: 2 },
      ],
      notFound: ["who"],
    });
    expect(dataOf(await read("aroundScore", { score: 2, radius: 1 }))).toMatchObject({
      entries: [{ member: "m1" }, { member: "m2" }, { member: "m3" }],
      rank: 4,
    });
    expect(dataOf(await read("stats", { member: "m0" }))).toMatchObject({
      count: 4,
      mean: 2.75,
      percentile: 75,
    });
    expect(await server.call("leaderboard.hide", { board, member: "m0" })).toEqual({
      ok: true,
      data: { hidden: true },
    });
    expect(await read("entry", { member: "m0" })).toMatchObject(failure("not_found"));
    expect(dataOf(await server.call("leaderboard.show", { board, member: "m0" }))).toEqual({ hidden: false });
    const { closed, next } = dataOf(await server.call("leaderboard.close", { board, window: "weekly" }));
    expect(dataOf(await read("seasons", { window: "weekly" }))).toEqual({ seasons: [next, closed] });
    const { season } = closed as { season: string };
    expect(dataOf(await read("entries", { window: "weekly", season }))).toMatchObject({ total: 4 });
  });

  it("LB8: operations that configure, moderate, close, export, import or delete boards need an API key", async () => {
    const refused = failure("forbidden");
    for (const [operation, input] of [
      ["hide", { member: guest.id }],
      ["show", { member: guest.id }],
      ["close", {}],
      ["export", {}],
      ["import", { content: "{}" }],
      ["remove", { member: guest.id }],
      ["configure", {}],
      ["delete", {}],
    ] as const) {
      expect(await user.call(`leaderboard.${operation}`, { board, ...input }), operation).toMatchObject(
        refused,
      );
    }
  });

  it("a board, window or season that doesn't exist is `not_found`, and so is a member without an entry", async () => {
    const nowhere = { board: "nowhere", member: guest.id, score: 1 };
    expect(await user.call("leaderboard.submit", nowhere)).toMatchObject(failure("not_found"));
    expect(await user.call("leaderboard.entries", { board: "nowhere" })).toMatchObject(failure("not_found"));
    expect(await user.call("leaderboard.entry", { board, member: "nobody" })).toMatchObject(
      failure("not_found"),
    );
    expect(await user.call("leaderboard.entries", { board, window: "weekly" })).toMatchObject(
      failure("not_found"),
    );
    expect(await user.call("leaderboard.entries", { board, season: "2020-W01" })).toMatchObject(
      failure("not_found"),
    );
    expect(await server.call("leaderboard.remove", { board, member: "nobody" })).toMatchObject(
      failure("not_found"),
    );
  });

  it("an error names every field that breaks a rule, and nothing is written", async () => {
    const refused = await server.call("leaderboard.submit", {
      board,
      member: "a\nb",
      score: "12",
      operator: "most",
      colour: "red",
    });
    expect(refused).toMatchObject(failure("bad_request"));
    expect(issuesOf(refused)).toEqual([
      { path: "member", rule: "format", message: "must be 1 to 128 characters without control characters" },
      { path: "score", rule: "type", message: "must be a finite number" },
      { path: "operator", rule: "oneOf", message: "must be one of best, last, sum" },
      { path: "colour", rule: "unknown", message: "is not a known field" },
    ]);
    expect(issuesOf(await server.call("leaderboard.submit", { board, score: 1 }))).toEqual([
      { path: "member", rule: "type", message: "is required" },
    ]);
    expect(dataOf(await server.call("leaderboard.get", { board })).total).toBe(0);
  });

  it.each([
    ["limit", { limit: 501 }, "must be at most 500"],
    ["limit", { limit: 0 }, "must be at least 1"],
    ["limit", { limit: 1.5 }, "must be a whole number"],
    ["offset", { offset: -1 }, "must be at least 0"],
    ["cursor", { cursor: "never ours" }, "must be a nextCursor of an earlier response"],
    ["cursor", { cursor: "x", offset: 3 }, "can't be given together with offset"],
    ["window", { window: "this week" }, "must be 1 to 32 characters of a-z 0-9 - and begin with a letter"],
  ])("an invalid %s is `bad_request`: %j", async (path, input, message) => {
    const refused = await user.call("leaderboard.entries", { board, ...input });
    expect(refused).toMatchObject(failure("bad_request"));
    expect(issuesOf(refused)).toContainEqual(expect.objectContaining({ path, message }));
  });

  it("LB8: with `submit: server` only API keys can submit; with `submit: member` a user can submit only its own score", async () => {
    const other = { board, member: "somebody-else", score: 1 };
    expect(await user.call("leaderboard.submit", other)).toMatchObject(failure("forbidden"));
    const chosen = { board, member: guest.id, score: 1, operator: "sum" };
    expect(await user.call("leaderboard.submit", chosen)).toMatchObject(failure("forbidden"));
    expect(await user.call("leaderboard.submitMany", { board, scores: [other] })).toMatchObject(
      failure("forbidden"),
    );
    await server.call("leaderboard.configure", { board, submit: "server" });
    const own = { board, member: guest.id, score: 1 };
    expect(await user.call("leaderboard.submit", own)).toMatchObject(failure("forbidden"));
    expect(await server.call("leaderboard.submit", own)).toMatchObject({ ok: true });
  });

  it("LB1, CT1: a server can give a profile with a score or a message, and a user can't", async () => {
    const profile = { name: "Ada", avatar: "https://example.com/ada.png" };
    const score = { board, member: "ada", score: 5 };
    const profileAfter = async (more: object) =>
      dataOf(await server.call("leaderboard.submit", { ...score, operator: "last", ...more })).entry.profile;
    expect(await profileAfter({ profile })).toEqual(profile);
    expect(await profileAfter({ score: 6 })).toEqual(profile);
    expect(await profileAfter({ score: 7, profile: null })).toBeNull();
    const scores = [{ member: "bo", score: 1, profile: { ...profile, name: "Bo" } }];
    await server.call("leaderboard.submitMany", { board, scores });
    expect(dataOf(await server.call("leaderboard.entry", { board, member: "bo" }))).toMatchObject({
      profile: { name: "Bo" },
    });
    const room = freshId("room");
    const said = dataOf(await server.call("chat.send", { room, text: "Round 2", profile }));
    expect(said.message).toMatchObject({ user: null, profile });
    expect(dataOf(await server.call("chat.history", { room })).messages).toMatchObject([{ profile }]);

    const own = { ...score, member: guest.id, profile };
    for (const refused of [
      await user.call("leaderboard.submit", own),
      await user.call("chat.send", { room, text: "Hello", profile }),
    ]) {
      expect(refused).toMatchObject(failure("forbidden"));
      expect(issuesOf(refused)).toMatchObject([{ path: "profile", rule: "server" }]);
    }
    const empty = await server.call("chat.send", { room, text: "Hello", profile: { name: "\u200b" } });
    expect(issuesOf(empty)).toMatchObject([{ path: "profile.name" }, { path: "profile.avatar" }]);
  });

  it("only servers can configure or delete a board, or remove an entry", async () => {
    for (const [operation, input] of [
      ["leaderboard.configure", { board }],
      ["leaderboard.delete", { board }],
      ["leaderboard.remove", { board, member: guest.id }],
    ] as const) {
      expect(await user.call(operation, input)).toMatchObject(failure("forbidden"));
    }
  });

  it("T9: a submit that is repeated with its idempotency key has no second effect and gets the first reply", async () => {
    await server.call("leaderboard.configure", { board, operator: "sum" });
    const submit = { board, member: "ann", score: 5, idempotencyKey: freshId("key") };
    const first = await server.call("leaderboard.submit", submit);
    await server.call("leaderboard.submit", { board, member: "ann", score: 100 });
    expect(await server.call("leaderboard.submit", submit)).toEqual(first);
    expect(dataOf(await server.call("leaderboard.entry", { board, member: "ann" })).score).toBe(105);
    const other = await server.call("leaderboard.submit", { ...submit, score: 6 });
    expect(other).toMatchObject(failure("conflict"));
    expect(issuesOf(other)).toMatchObject([{ path: "idempotencyKey", rule: "reused" }]);
  });

  it("T9: the same idempotency key of another caller or for another operation is a different key", async () => {
    const idempotencyKey = freshId("key");
    const submit = { board, member: guest.id, score: 5, idempotencyKey };
    expect(await server.call("leaderboard.submit", submit)).toMatchObject({ ok: true });
    expect(dataOf(await user.call("leaderboard.submit", { ...submit, score: 6 })).entry.score).toBe(6);
    const removal = { board, member: guest.id, idempotencyKey };
    expect(await server.call("leaderboard.remove", removal)).toMatchObject({ ok: true });
    expect(await server.call("leaderboard.remove", removal)).toMatchObject({ ok: true });
  });

  it("T9: a configure or delete of a board that is repeated with its idempotency key has no second effect", async () => {
    const configure = { board, max: 5, idempotencyKey: freshId("key") };
    const first = await server.call("leaderboard.configure", configure);
    await server.call("leaderboard.configure", { board, max: 7 });
    expect(await server.call("leaderboard.configure", configure)).toEqual(first);
    expect(dataOf(await server.call("leaderboard.get", { board })).max).toBe(7);

    const deletion = { board, idempotencyKey: freshId("key") };
    const deleted = await server.call("leaderboard.delete", deletion);
    await server.call("leaderboard.configure", { board });
    expect(await server.call("leaderboard.delete", deletion)).toEqual(deleted);
    expect(await server.call("leaderboard.get", { board })).toMatchObject({ ok: true });
    expect(dataOf(await server.call("leaderboard.list", { limit: 100 })).boards).toContainEqual(
      expect.objectContaining({ board }),
    );
  });

  it("T9: a larger batch with a used idempotency key is a `conflict` and writes nothing", async () => {
    const scores = Array.from({ length: 250 }, (_, at) => ({ member: `m${at}`, score: 1 }));
    const idempotencyKey = freshId("key");
    await server.call("leaderboard.submitMany", { board, scores: scores.slice(0, 100), idempotencyKey });
    const other = await server.call("leaderboard.submitMany", { board, scores, idempotencyKey });
    expect(other).toMatchObject(failure("conflict"));
    expect(dataOf(await server.call("leaderboard.get", { board })).total).toBe(100);
  });

  it("T9: a score that was refused can be submitted again with its idempotency key", async () => {
    const submit = { board, member: "ann", score: 2_000, idempotencyKey: freshId("key") };
    expect(await server.call("leaderboard.submit", submit)).toMatchObject(failure("conflict"));
    await server.call("leaderboard.configure", { board, max: 3_000 });
    expect(await server.call("leaderboard.submit", submit)).toMatchObject({ ok: true });
  });

  it.each(["e", "--1", "1e", ".", "+-1", "1e999", ""])(
    "a forged cursor with the score %j is `bad_request`",
    async (score) => {
      const forged = JSON.stringify(["all", score, Buffer.from("b").toString("base64url")]);
      const cursor = Buffer.from(forged).toString("base64url");
      const refused = await user.call("leaderboard.entries", { board, cursor });
      expect(refused).toMatchObject({ error: { code: "bad_request", issues: [{ path: "cursor" }] } });
      const listed = await user.call("leaderboard.list", { cursor });
      expect(listed).toMatchObject({ error: { code: "bad_request", issues: [{ path: "cursor" }] } });
    },
  );

  it("T9: a batch that is written in several parts has no second effect when it is repeated with its idempotency key", async () => {
    await server.call("leaderboard.configure", { board, operator: "sum" });
    const scores = Array.from({ length: 250 }, (_, at) => ({ member: `m${at}`, score: 1 }));
    const batch = { board, scores, idempotencyKey: freshId("key") };
    const first = await server.call("leaderboard.submitMany", batch);
    expect(await server.call("leaderboard.submitMany", batch)).toEqual(first);
    expect(dataOf(await server.call("leaderboard.entry", { board, member: "m249" })).score).toBe(1);
  });

  it("AU6: a body over 64 KiB is `payload_too_large`, except for a batch of scores", async () => {
    const scores = Array.from({ length: 1_000 }, (_, at) => ({ member: `${"m".repeat(90)}${at}`, score: 1 }));
    expect(await server.call("leaderboard.submitMany", { board, scores })).toMatchObject({ ok: true });
    const large = { board, member: "ann", score: 1, metadata: { text: "x".repeat(limits.bodyBytes) } };
    expect(await server.call("leaderboard.submit", large)).toMatchObject(failure("payload_too_large"));
  });

  it("AU6: the limit on the size of a body applies to each call separately, also to calls that are sent together", async () => {
    const scores = Array.from({ length: 1_000 }, (_, at) => ({ member: `${"m".repeat(90)}${at}`, score: 1 }));
    const acks = await Promise.all([
      server.call("leaderboard.submitMany", { board, scores }),
      server.call("leaderboard.submit", { board, member: "ann", score: 1 }),
      server.call("leaderboard.submitMany", { board, scores }),
      server.call("leaderboard.get", { board }),
    ]);
    expect(acks.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  it("AU6: JSON deeper than 32 is `bad_request`; `__proto__` does nothing", async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`);
    const submit = { board, member: "ann", score: 1 };
    const refused = await server.call("leaderboard.submit", { ...submit, metadata: deep });
    expect(refused).toMatchObject(failure("bad_request"));
    const metadata = JSON.parse('{"__proto__": {"admin": true}, "a": 1}');
    const { entry } = dataOf(await server.call("leaderboard.submit", { ...submit, metadata }));
    expect(JSON.stringify(entry.metadata)).toBe('{"a":1}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("metadata above 2,048 bytes is refused, and null removes an entry's metadata", async () => {
    const submit = { board, member: "ann", score: 1 };
    const refused = await server.call("leaderboard.submit", {
      ...submit,
      metadata: { a: "é".repeat(1_100) },
    });
    expect(issuesOf(refused)).toMatchObject([
      { path: "metadata", message: "must be at most 2048 bytes of JSON" },
    ]);
    await server.call("leaderboard.submit", { ...submit, metadata: { a: 1 } });
    const kept = await server.call("leaderboard.submit", { ...submit, score: 2 });
    expect(dataOf(kept).entry.metadata).toEqual({ a: 1 });
    const cleared = await server.call("leaderboard.submit", { ...submit, score: 3, metadata: null });
    expect(dataOf(cleared).entry.metadata).toBeNull();
  });
});

describe.each(callDrivers)("chat on $name", (driver) => {
  let server: Client;
  let user: Client;
  let room: string;

  beforeEach(async () => {
    [server, user] = await Promise.all([
      driver.open(node.url, TEST_API_KEY),
      driver.open(node.url, guest.token),
    ]);
    room = freshId("room");
  });

  afterEach(() => Promise.all([server.close(), user.close()]));

  it("T1: operations on messages, members and settings of a room answer as the contract says", async () => {
    expect(await server.call("chat.configure", { room, slowModeMs: 0, visibility: "private" })).toMatchObject(
      {
        ok: true,
        data: { room, visibility: "private", logSize: 1_000, retentionMs: 2_592_000_000, slowModeMs: 0 },
      },
    );
    const member = { room, user: guest.id };
    expect(await server.call("chat.setMember", member)).toEqual({
      ok: true,
      data: { user: guest.id, role: "member" },
    });
    expect(await user.call("chat.member", member)).toMatchObject({ data: { role: "member" } });
    expect(await user.call("chat.members", { room, limit: 10 })).toEqual({
      ok: true,
      data: { members: [{ user: guest.id, role: "member" }], nextCursor: null },
    });
    const sent = dataOf(await user.call("chat.send", { room, text: "one", metadata: { a: 1 } }));
    expect(sent.message).toMatchObject({ offset: 1, user: guest.id, text: "one", profile: { name: "Ann" } });
    expect(await server.call("chat.send", { room, text: "two", replyTo: 1 })).toMatchObject({
      data: { message: { offset: 2, user: null, replyTo: 1 } },
    });
    expect(await user.call("chat.edit", { room, offset: 1, text: "uno" })).toMatchObject({
      data: { message: { offset: 1, text: "uno", metadata: { a: 1 } } },
    });
    expect(await user.call("chat.react", { room, offset: 2, emoji: "👍🏽" })).toEqual({
      ok: true,
      data: { emoji: "👍🏽", count: 1, users: [guest.id], changed: true },
    });
    expect(await user.call("chat.unreact", { room, offset: 2, emoji: "👍🏽" })).toMatchObject({
      data: { count: 0, changed: true },
    });
    expect(await user.call("chat.history", { room, limit: 1, before: 2 })).toMatchObject({
      ok: true,
      data: { messages: [{ text: "uno" }], hasMore: false, position: { offset: 5 } },
    });
    expect(await user.call("chat.unread", { rooms: [room] })).toEqual({
      ok: true,
      data: { rooms: [{ room, unread: 1, read: 0 }] },
    });
    expect(await user.call("chat.read", { room, offset: 2 })).toEqual({ ok: true, data: { offset: 2 } });
    expect(await server.call("chat.moderate", { ...member, action: "mute", ttlMs: 60_000 })).toMatchObject({
      data: { muted: true, mutedUntil: expect.any(String), banned: false },
    });
    expect(await user.call("chat.send", { room, text: "no" })).toMatchObject(failure("forbidden"));
    expect(await server.call("chat.delete", { room, offset: 1 })).toEqual({
      ok: true,
      data: { deleted: true },
    });
    expect(await server.call("chat.removeMember", member)).toEqual({ ok: true, data: { removed: true } });
    expect(await user.call("chat.history", { room })).toMatchObject(failure("forbidden"));
    expect(await server.call("chat.drop", { room })).toEqual({ ok: true, data: { deleted: true } });
  });

  it.each([
    ["text", { text: "" }],
    ["text", { text: " \n\t " }],
    ["text", { text: "x".repeat(4_001) }],
    ["text", { text: 7 }],
    ["text", { text: "\ud800" }],
    ["metadata", { text: "x", metadata: { a: "y".repeat(4_100) } }],
    ["metadata", { text: "x", metadata: [1] }],
    ["replyTo", { text: "x", replyTo: 0 }],
    ["colour", { text: "x", colour: "red" }],
  ])("CT7: chat.send refuses an invalid %s: %j", async (path, input) => {
    const refused = await user.call("chat.send", { room, ...input });
    expect(refused).toMatchObject(failure("bad_request"));
    expect(issuesOf(refused)).toContainEqual(expect.objectContaining({ path }));
  });

  it("CT7: text is kept byte for byte, up to 4,000 characters after trimming", async () => {
    for (const text of [`  ${"x".repeat(4_000)}\n`, "🎉".repeat(4_000), "\u0000\u2028é", "</script>"]) {
      const { message } = dataOf(await user.call("chat.send", { room, text }));
      expect(message.text).toBe(text);
    }
    const { messages } = dataOf(await user.call("chat.history", { room }));
    expect(messages[1].text).toBe("🎉".repeat(4_000));
  });

  it.each(["a", "👍👍", "1", "hello", "👍 "])(
    "a reaction that is not exactly one emoji is `bad_request`: %j",
    async (emoji) => {
      await user.call("chat.send", { room, text: "x" });
      const refused = await user.call("chat.react", { room, offset: 1, emoji });
      expect(refused).toMatchObject(failure("bad_request"));
      expect(issuesOf(refused)).toMatchObject([{ path: "emoji", message: "must be one emoji" }]);
    },
  );

  it("an emoji with and without its variation selector counts as the same emoji", async () => {
    await user.call("chat.send", { room, text: "x" });
    for (const emoji of ["❤", "❤️"]) await user.call("chat.react", { room, offset: 1, emoji });
    expect(dataOf(await user.call("chat.history", { room })).messages[0].reactions).toEqual({
      "❤️": { count: 1, users: [guest.id] },
    });
  });

  it("only servers configure and drop rooms", async () => {
    for (const operation of ["chat.configure", "chat.drop"]) {
      expect(await user.call(operation, { room })).toMatchObject(failure("forbidden"));
    }
    expect(await server.call("chat.configure", { room, visibility: "direct" })).toMatchObject(
      failure("bad_request"),
    );
  });

  it("T9: a write to a room that is repeated with its idempotency key has no second effect", async () => {
    await server.call("chat.send", { room, text: "one" });
    for (const [operation, input] of [
      ["chat.send", { text: "two" }],
      ["chat.edit", { offset: 1, text: "uno" }],
      ["chat.moderate", { user: "x", action: "mute", ttlMs: 60_000 }],
      ["chat.setMember", { user: "y" }],
      ["chat.removeMember", { user: "y" }],
      ["chat.configure", { slowModeMs: 5 }],
      ["chat.delete", { offset: 1 }],
    ] as const) {
      const call = { room, ...input, idempotencyKey: freshId("key") };
      const first = await server.call(operation, call);
      expect(first).toMatchObject({ ok: true });
      expect(await server.call(operation, call)).toEqual(first);
    }
    expect(dataOf(await server.call("chat.history", { room })).position.offset).toBe(4);
  });
});

it("T1: the same submit gives the same answer on each transport", async () => {
  const answers = await Promise.all(
    callDrivers.map(async (driver) => {
      const client = await driver.open(node.url, TEST_API_KEY);
      const board = freshId("board");
      await client.call("leaderboard.configure", { board });
      const submits = [
        { board, member: "ann", score: 2 ** 53, subscore: -0.5, metadata: { a: [1, null] } },
        { board, member: "ann", score: 1 },
        { board, member: "ann", score: "1" },
      ];
      const acks = [];
      for (const submit of submits) acks.push(await client.call("leaderboard.submit", submit));
      await client.close();
      return acks;
    }),
  );
  const comparable = (acks: Ack[]) =>
    JSON.parse(JSON.stringify(acks, (key, value) => (key === "reachedAt" ? 0 : value)));
  const [first, ...others] = answers.map(comparable);
  for (const other of others) expect(other).toEqual(first);
});

it("T1: a page of a board with special characters is the same on each transport", async () => {
  const server = await restDriver.open(node.url, TEST_API_KEY);
  const board = freshId("board");
  const member = 'ж "é" \\ 🎯\u2028';
  await server.call("leaderboard.configure", { board });
  const profile = { name: "Zoë", avatar: null };
  await server.call("leaderboard.submit", {
    board,
    member,
    score: -0.1,
    metadata: { "\ud800": ["漢"] },
    profile,
  });
  await server.close();
  const answers = await Promise.all(
    callDrivers.map(async (driver) => {
      const client = await driver.open(node.url, TEST_API_KEY);
      const page = dataOf(await client.call("leaderboard.entries", { board }));
      const around = dataOf(await client.call("leaderboard.around", { board, member }));
      await client.close();
      return { page, around };
    }),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]!.page.entries).toMatchObject([{ member, score: -0.1, profile }]);
});

it("AU2: a call with a wrong token or without a token is `unauthenticated`", async () => {
  const wrong = await restDriver.open(node.url, "wrong");
  const none = await restDriver.open(node.url, null);
  expect(await wrong.call("leaderboard.list")).toMatchObject(failure("unauthenticated"));
  expect(await none.call("leaderboard.list")).toMatchObject(failure("unauthenticated"));
  await expect(socketIoDriver.open(node.url, "wrong")).rejects.toMatchObject({
    data: { code: "unauthenticated" },
  });
});

function entryLike(fields: object) {
  return { subscore: 0, metadata: null, reachedAt: expect.stringMatching(/^\d{4}-.*Z$/), ...fields };
}
