import { memberId, resourceId } from "@grandstand/shared/ids";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Keys } from "../../src/redis/keys.js";
import { dataOf } from "../support/acks.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { hostileTexts } from "../support/attacks/hostile-values.js";
import { exchange, requestText } from "../support/attacks/raw-http.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { TEST_API_KEY } from "../support/names.js";

let node: AttackedNode;
let client: Client;

beforeAll(async () => {
  node = await startAttackedNode();
  client = await webSocketDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await client.close();
  await node.close();
  expect(node.loggedErrors).toEqual([]);
});

/** Ids that other software could confuse, or that look like parts of Redis keys. */
const similarIds = [
  [
    "a",
    "A",
    "a.",
    "a-",
    "a:",
    "a@",
    "a:meta",
    "a:live",
    "a:idem",
    "a:idem:none",
    "a:log",
    "a:z:all:all",
    "a:hidden",
  ],
  [
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "null",
    "undefined",
    "NaN",
    "0",
    "00",
    "1e0",
    "true",
  ],
  [
    "x..y",
    "x.y",
    "x-y",
    "x:y",
    "x@y",
    "gs:boards",
    "node:x",
    "session:x",
    "growth",
    "9".repeat(128),
    "9".repeat(127),
  ],
].flat();

const similarUserIds = [
  [
    "e\u0301",
    "\u00e9",
    "E\u0301",
    "\u212b",
    "\u00c5",
    "A\u030a",
    "ﬁ",
    "fi",
    "ß",
    "ss",
    "ẞ",
    "İ",
    "i\u0307",
    "ı",
    "i",
  ],
  ["a", "A", "а", "ａ", "a ", " a", "a\u200b", "a\u200d", "a\ufeff", "\u200fa", "a\u00ad"],
  [
    "%61",
    "%2561",
    "a%00",
    "%2e%2e",
    "a/b",
    "a%2fb",
    "a%2Fb",
    "a\\b",
    "a+b",
    "a b",
    "a?b",
    "a#b",
    "a&b=c",
    "a;b",
  ],
  [
    "{a}",
    "}:{a",
    "*",
    "[a]",
    "a*",
    "\\",
    '"',
    "'",
    "']] redis.call('FLUSHALL')",
    "__proto__",
    "constructor",
    "...",
  ],
  ["🎯", "🎯\ufe0f", "👩‍👩‍👧‍👦", "👩👩👧👦", "\u{10ffff}", "\uffff", "-0", "0", "+0", "0.0", "1e0", "1"],
].flat();

it("an id of a board, room or counter contains no character that has a meaning in keys, hash tags or patterns", () => {
  for (const text of [
    ...hostileTexts,
    "a{b",
    "a}b",
    "a*",
    "a?",
    "a[b",
    "a b",
    "a\n",
    "é",
    "ａ",
    "a%62",
    "-a",
    ".a",
    ":a",
    "a/b",
  ]) {
    const isId = resourceId.safeParse(text).success;
    expect(isId && /[^A-Za-z0-9._:@-]/.test(text), JSON.stringify(text)).toBe(false);
  }
});

/** The keys of a board, a room and a counter with the same id. */
function keysOf(keys: Keys, id: string, user: string): string[] {
  const board = keys.board(id);
  const room = keys.room(id);
  const counter = keys.counter(id);
  return [
    ...[board.meta, board.topic, board.seasons, board.hiddenMembers, board.firstReply("s")],
    ...Object.values(board.season("all", "all")),
    ...Object.values(board.season("daily", "2026-11-24.2")),
    ...[room.meta, room.log, room.index, room.reactors, room.readMarks, room.members, room.bans, room.mutes],
    ...[room.topic, room.firstReply("s"), room.pace("sent", user), room.pace("typed", user)],
    ...[counter.meta, counter.topic, counter.firstReply("s"), counter.results(0), counter.visitors(0)],
    ...[counter.series("minute"), counter.visitorsDuring("minute")],
  ];
}

it("two ids never share a key, and all keys of one board, room or counter have the same hash tag", () => {
  const keys = new Keys("gs");
  const id = fc.oneof(
    fc.constantFrom(...similarIds),
    fc
      .array(fc.constantFrom("a", "b", ":", ".", "meta", "live", "idem", "z:all:all", "lb:", "chat:"), {
        minLength: 1,
      })
      .map((parts) => parts.join(""))
      .filter((text) => resourceId.safeParse(text).success),
  );
  const user = fc.constantFrom(...similarUserIds, "}:meta", "a:meta");
  fc.assert(
    fc.property(id, id, user, user, (one, other, ann, bo) => {
      const [first, second] = [keysOf(keys, one, ann), keysOf(keys, other, bo)];
      expect(new Set(first).size).toBe(first.length);
      if (one !== other) expect(first.filter((key) => second.includes(key))).toEqual([]);
      const tags = new Set(first.map((key) => /\{([^}]*)\}/.exec(key)![1]));
      expect([...tags].sort()).toEqual([`chat:${one}`, `counter:${one}`, `lb:${one}`].sort());
    }),
    { numRuns: 2_000 },
  );
});

it("CN1: counters with similar ids are different counters, each with its own value", async () => {
  const rest = await restDriver.open(node.url, TEST_API_KEY);
  await Promise.all(
    similarIds.map(async (counter, at) => {
      const over = at % 2 === 0 ? client : rest;
      dataOf(await over.call("counter.set", { counter, value: at + 1 }));
    }),
  );
  const { counters } = dataOf(await client.call("counter.getMany", { counters: similarIds }));
  expect(counters.map(({ value }: { value: number }) => value)).toEqual(similarIds.map((_, at) => at + 1));
  for (const [at, counter] of similarIds.entries()) {
    expect(dataOf(await rest.call("counter.get", { counter })).value, counter).toBe(at + 1);
  }
});

it("LB5: members with similar ids are different members, in bodies, paths and queries", async () => {
  const board = "people";
  const rest = await restDriver.open(node.url, TEST_API_KEY);
  dataOf(await client.call("leaderboard.configure", { board }));
  for (const id of similarUserIds) expect(memberId.safeParse(id).success, JSON.stringify(id)).toBe(true);
  expect(new Set(similarUserIds.map((id) => Buffer.from(id).toString("hex"))).size).toBe(
    new Set(similarUserIds).size,
  );
  const distinct = [...new Set(similarUserIds)];
  const scores = distinct.map((member, at) => ({ member, score: at + 1 }));
  dataOf(await client.call("leaderboard.submitMany", { board, scores }));
  const { entries, total } = dataOf(await client.call("leaderboard.entries", { board, limit: 500 }));
  expect(total).toBe(distinct.length);
  expect(entries.map(({ member }: { member: string }) => member)).toEqual(distinct.toReversed());
  for (const [at, member] of distinct.entries()) {
    expect(dataOf(await rest.call("leaderboard.entry", { board, member })).score, member).toBe(at + 1);
    const { percentile } = dataOf(await rest.call("leaderboard.stats", { board, member }));
    expect(percentile, member).toBeCloseTo((100 * at) / distinct.length, 6);
  }
});

it("CT1: rooms with similar ids are different rooms", async () => {
  const rooms = similarIds.filter((id) => !id.startsWith("dm:"));
  for (const room of rooms) dataOf(await client.call("chat.send", { room, text: room }));
  for (const room of rooms) {
    const { messages } = dataOf(await client.call("chat.history", { room }));
    expect(messages.map(({ text }: { text: string }) => text)).toEqual([room]);
  }
});

it.each([
  "dm:b:a",
  "dm:a:a",
  "dm:a",
  "dm::a",
  "dm:a:b:c",
  "dm:@:a",
  "dm:@YQ:b",
  "dm:@YQ==:b",
  "dm:@_w:b",
  "dm:@Cg:a",
])("CT6: %s is refused: a direct room has exactly one name, made of two user ids", async (room) => {
  expect(await client.call("chat.history", { room })).toMatchObject({ error: { code: "bad_request" } });
});

it("a path with an encoded letter reaches its board, and other spellings of the path reach no board", async () => {
  const headers = [["authorization", `Bearer ${TEST_API_KEY}`]] as const;
  for (const path of [
    "/v1/leaderboards/x/../people",
    "/v1/leaderboards/./people",
    "/v1//leaderboards/people",
    "/v1/leaderboards/people%2f",
    "/v1/leaderboards/people%00",
    "/v1/leaderboards/people;x",
    "/V1/leaderboards/people",
    "/v1/leaderboards/PEOPLE",
    "/v1/leaderboards/p%C3%A9ople",
  ]) {
    const [answer] = await exchange(node.port, requestText(`GET ${path}`, headers));
    expect([400, 404], path).toContain(answer!.status);
  }
  const [same] = await exchange(node.port, requestText("GET /v1/leaderboards/%70eople", headers));
  expect(same!.status).toBe(200);
});
