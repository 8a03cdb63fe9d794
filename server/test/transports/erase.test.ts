import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataOf, failure } from "../support/acks.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../support/tokens.js";

let nodes: [TestNode, TestNode];
let server: Client;
let redis: Redis;

beforeAll(async () => {
  const settings = { GRANDSTAND_PRESENCE_GRACE_MS: "100", GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET };
  const node = await startTestNode(settings);
  nodes = [node, await startTestNode({ ...settings, GRANDSTAND_PREFIX: node.prefix })];
  server = await restDriver.open(node.url, TEST_API_KEY);
  redis = redisClient();
});

afterAll(async () => {
  for (const node of nodes) await node.close();
  redis.disconnect();
});

/** The keys whose name or value contains a text. */
async function keysWith(text: string): Promise<string[]> {
  const keys = await redis.keys(`*${nodes[0].prefix}*`);
  const encoded = encodeURIComponent(text);
  const found = await Promise.all(
    keys.map(async (key) => {
      const value = (await contentOf(key)) ?? "";
      return key.includes(text) || key.includes(encoded) || value.includes(text) ? [key] : [];
    }),
  );
  return found.flat().sort();
}

async function contentOf(key: string): Promise<string | null> {
  const type = await redis.type(key);
  if (type === "string") return redis.get(key);
  const read: Record<string, () => Promise<unknown>> = {
    hash: () => redis.hgetall(key),
    list: () => redis.lrange(key, 0, -1),
    set: () => redis.smembers(key),
    zset: () => redis.zrange(key, "0", "-1"),
    stream: () => redis.xrange(key, "-", "+"),
  };
  return JSON.stringify(await read[type]?.());
}

async function call(client: Client, operation: string, input: object) {
  return dataOf(await client.call(operation, input));
}

/** Creates a user with entries, messages, presence, jobs, a notice, a session and a trace. */
async function activeUser() {
  const user = `Zoë {${freshId("erased")}}:`;
  const [board, room, den] = [freshId("board"), freshId("room"), freshId("den")];
  const session = await call(server, "session.create", { user: { id: user, name: `${user} by name` } });
  const client = await webSocketDriver.open(nodes[1].url, session.token);

  await call(server, "leaderboard.configure", { board, submit: "member", fields: ["map", "said"] });
  for (const [member, score] of Object.entries({ ann: 30, bo: 10, cy: 20 })) {
    await call(server, "leaderboard.submit", { board, member, score, metadata: { map: "ice" } });
  }
  await call(client, "leaderboard.submit", {
    board,
    member: user,
    score: 20,
    metadata: { map: "ice", said: user },
  });
  await call(server, "leaderboard.close", { board });
  await call(server, "leaderboard.submit", { board, member: user, score: 5 });
  await call(server, "leaderboard.submit", { board, member: "ann", score: 1 });

  await traceBoth(user, client);

  const own = await call(client, "chat.send", { room, text: `I am ${user}` });
  await call(client, "chat.edit", { room, offset: own.message.offset, text: `Still ${user}` });
  const gone = await call(client, "chat.send", { room, text: "gone" });
  await call(client, "chat.delete", { room, offset: gone.message.offset });
  const others = await call(server, "chat.send", { room, text: "hello" });
  await call(client, "chat.react", { room, offset: others.message.offset, emoji: "👍" });
  await call(client, "chat.read", { room, offset: others.message.offset });
  await call(server, "chat.setMember", { room: den, user, role: "member" });
  await call(server, "chat.moderate", { room: den, user, action: "mute" });

  await call(client, "presence.enter", { room, state: { at: user } });
  await call(server, "presence.keep", { room: den, user, ttlMs: 600_000 });
  const queue = freshId("queue");
  await call(server, "job.add", { queue, job: "mail", payload: { to: user }, user });
  await call(server, "job.add", { queue, payload: "another's", user: "bo" });
  await call(server, "job.take", { queue, token: "worker-1" });
  await call(server, "user.notify", { user, name: "hello", data: { to: user } });
  await eventually(async () => {
    const { users } = await call(server, "presence.lookup", { users: [user] });
    expect(users[0].rooms).toEqual([den, room].sort());
  });
  return { user, board, room, den, client };
}

/** Begins a trace of the user. Also runs a trace of another user, which records deliveries to the user. */
async function traceBoth(user: string, client: Client): Promise<void> {
  const [other, room] = [freshId("other"), freshId("traced")];
  const { token } = await call(server, "session.create", { user: { id: other } });
  for (const traced of [user, other]) {
    await call(server, "admin.beginTrace", { room, user: traced, ttlMs: 60_000 });
  }
  await call(client, "channel.subscribe", { channel: `chat:${room}` });
  const { trace } = await call(server, "admin.beginTrace", { room, user: other, ttlMs: 60_000 });
  const sender = await restDriver.open(nodes[0].url, token);
  // A node learns of a trace a moment after it began.
  await eventually(async () => {
    await call(sender, "chat.send", { room, text: "hi" });
    const { records } = await call(server, "admin.trace", { trace });
    expect(JSON.stringify(records)).toContain(user);
  });
  await call(server, "admin.endTrace", { trace });
}

async function ranksOf(board: string, season: string, where?: object) {
  const { entries } = await call(server, "leaderboard.entries", { board, season, where });
  return entries as { member: string; rank: number; score: number; metadata: unknown; profile: unknown }[];
}

describe("AU8: user.erase", () => {
  it("removes the text of an edit whose message the room no longer keeps", async () => {
    const [user, room, text] = [freshId("editor"), freshId("room"), freshId("text")];
    await call(server, "chat.configure", { room, logSize: 10 });
    const { token } = await call(server, "session.create", { user: { id: user } });
    const client = await webSocketDriver.open(nodes[1].url, token);
    const { message } = await call(client, "chat.send", { room, text: "first" });
    await call(client, "chat.edit", { room, offset: message.offset, text });
    for (let at = 0; at < 10; at += 1) await call(server, "chat.send", { room, text: "later" });
    expect(await keysWith(text)).toHaveLength(1);

    await call(server, "user.erase", { user });
    expect(await keysWith(text)).toEqual([]);
    await client.close();
  });

  it("removes all data of a user, and keeps the ranks of closed seasons", async () => {
    const { user, board, room, den, client } = await activeUser();
    const { seasons } = await call(server, "leaderboard.seasons", { board });
    const closed = seasons.find((season: { closedAt: string | null }) => season.closedAt !== null).season;
    const before = await ranksOf(board, closed);
    expect((await keysWith(user)).length).toBeGreaterThan(10);

    const report = await call(server, "user.erase", { user });
    expect(report).toEqual({
      status: "done",
      startedAt: expect.stringMatching(/Z$/),
      removed: {
        leaderboard: { entries: 2 },
        chat: { messages: 1, items: expect.any(Number), readMarks: 1, memberships: 1, sanctions: 1 },
        // 1 or 2: `user.erase` first closes the user's connection. Then the user may leave `room` before the erasure counts
        // the rooms.
        presence: { memberships: expect.any(Number) },
        session: { sessions: 1 },
        job: { jobs: 1 },
        webhook: { deliveries: 0 },
        admin: { traces: 1, traceRecords: expect.any(Number) },
        user: { records: 1, notices: 1, listedRooms: expect.any(Number), profiles: 1 },
      },
    });

    const after = await ranksOf(board, closed);
    expect(after.map(({ rank, score }) => [rank, score])).toEqual(
      before.map(({ rank, score }) => [rank, score]),
    );
    const tombstone = after.find(({ member }) => !["ann", "bo", "cy"].includes(member))!;
    expect(tombstone).toMatchObject({ rank: 3, score: 20, metadata: null, profile: null });
    expect(await ranksOf(board, closed, { map: "ice" })).toEqual(after);
    expect(await ranksOf(board, closed, { said: user })).toEqual([]);
    expect((await call(server, "leaderboard.entries", { board })).entries).toMatchObject([{ member: "ann" }]);

    const { messages } = await call(server, "chat.history", { room });
    expect(
      messages.map(({ user, text, deleted }: Record<string, unknown>) => ({ user, text, deleted })),
    ).toEqual([
      { user: null, text: "", deleted: true },
      { user: null, text: "", deleted: true },
      { user: null, text: "hello", deleted: false },
    ]);
    expect(messages[2].reactions).toEqual({});
    expect((await call(server, "chat.members", { room: den })).members).toEqual([]);
    for (const each of [room, den]) {
      await eventually(async () =>
        expect(await call(server, "presence.count", { room: each })).toEqual({ count: 0 }),
      );
    }
    const { users } = await call(server, "presence.lookup", { users: [user] });
    expect(users).toEqual([{ user, online: false, rooms: [], lastSeenAt: null }]);

    // Each erasure runs again a few seconds later. The second run removes what was written while the user's connections
    // closed.
    await eventually(async () => expect(await keysWith(user)).toEqual([]));
    await client.close();
  });

  it("keeps the revocation without storing the id: older tokens stay invalid on every node", async () => {
    const user = freshId("user");
    const token = await tokenFor(user, { iat: Math.floor(secondsFromNow(-5)) });
    const clients = await Promise.all(nodes.map(({ url }) => restDriver.open(url, token)));
    for (const client of clients) expect(await client.call("session.list")).toMatchObject({ ok: true });
    await call(server, "user.erase", { user });
    await eventually(async () => expect(await keysWith(user)).toEqual([]));
    for (const client of clients) {
      await eventually(async () =>
        expect(await client.call("session.list")).toEqual(failure("unauthenticated")),
      );
    }
    const later = await startTestNode({
      GRANDSTAND_PREFIX: nodes[0].prefix,
      GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET,
    });
    const client = await restDriver.open(later.url, token);
    expect(await client.call("session.list")).toEqual(failure("unauthenticated"));
    const valid = await tokenFor(user, { iat: secondsFromNow(2) });
    expect(await (await restDriver.open(later.url, valid)).call("session.list")).toMatchObject({ ok: true });
    await later.close();
  });

  it("removes nothing when it is repeated, and returns the first report for the same idempotency key", async () => {
    const { user, client } = await activeUser();
    const input = { user, idempotencyKey: freshId("key") };
    const report = await call(server, "user.erase", input);
    expect(await call(server, "user.erase", input)).toEqual(report);
    await eventually(async () => {
      const { status, removed } = await call(server, "user.erase", { user });
      expect(status).toBe("done");
      expect(removed).toMatchObject({ leaderboard: { entries: 0 }, session: { sessions: 0 } });
    });
    expect(await server.call("user.erase", { ...input, user: "another" })).toMatchObject({ ok: false });
    await client.close();
  });

  it("refuses a call by a user, and does not affect other users", async () => {
    const { user, client } = await activeUser();
    const other = freshId("other");
    expect(await client.call("user.erase", { user: other })).toMatchObject(failure("forbidden"));
    expect(await client.call("user.export", { user })).toMatchObject(failure("forbidden"));
    await call(server, "user.erase", { user: other });
    expect((await call(server, "presence.lookup", { users: [user] })).users[0].online).toBe(true);
    await client.close();
  });
});

describe("AU8: user.export", () => {
  it("returns a user's entries, messages, rooms, presence, session, jobs and notices as NDJSON", async () => {
    const { user, board, room, den, client } = await activeUser();
    const response = await fetch(`${nodes[0].url}/v1/users/${encodeURIComponent(user)}/export`, {
      headers: { authorization: `Bearer ${TEST_API_KEY}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const has = (line: object) => expect(lines).toContainEqual(expect.objectContaining(line));
    has({
      domain: "leaderboard",
      kind: "entry",
      board,
      score: 20,
      metadata: { map: "ice", said: user },
      hidden: false,
    });
    has({ domain: "leaderboard", kind: "entry", board, score: 5 });
    has({ domain: "chat", kind: "message", room, text: `Still ${user}` });
    has({ domain: "chat", kind: "membership", room: den, role: "member" });
    has({ domain: "chat", kind: "mute", room: den });
    has({ domain: "chat", kind: "readMark", room });
    has({ domain: "presence", kind: "member", room, state: { at: user } });
    has({ domain: "session", kind: "session" });
    has({ domain: "job", kind: "job", job: "mail", payload: { to: user }, attempt: 1 });
    has({ domain: "user", kind: "notice", name: "hello" });
    has({ domain: "user", kind: "room", room });
    await client.close();
  });
});
