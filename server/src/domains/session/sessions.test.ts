import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import { dataOf, failure, issuesOf } from "../../../test/support/acks.js";
import { callDrivers } from "../../../test/support/drivers/call-drivers.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../../test/support/redis-client.js";
import { TOKEN_SECRET, tokenFor } from "../../../test/support/tokens.js";
import { readConfig } from "../../config/config.js";
import { Keys } from "../../redis/keys.js";

let node: TestNode;
let server: Client;
let redis: TestRedis;
let keys: Keys;

const SLIDE_MS = 100;

beforeAll(async () => {
  const { identityPace } = readConfig({});
  node = await startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET }, inject("redisUrl"), {
    identityPace: { ...identityPace, slideMs: SLIDE_MS },
  });
  server = await restDriver.open(node.url, TEST_API_KEY);
  redis = await connectTestRedis();
  keys = new Keys(node.prefix);
});

afterAll(async () => {
  await redis.close();
  await node.close();
});

/** Creates a session with an API key. */
async function newSession(user: string, more: Record<string, unknown> = {}) {
  return dataOf(await server.call("session.create", { user: { id: user }, ...more }));
}

describe("AU1: session.create", () => {
  for (const driver of callDrivers) {
    it(`with an API key creates a session for any user, over ${driver.name}`, async () => {
      const client = await driver.open(node.url, TEST_API_KEY);
      const user = { id: freshId("user"), name: "Ann", avatar: "https://a.example/a.png" };
      const created = dataOf(await client.call("session.create", { user, ttlMs: 3_600_000 }));
      expect(created).toEqual({
        id: expect.stringMatching(/^[\w-]{43}$/),
        user: { ...user, isGuest: false },
        token: expect.stringMatching(/^gss_/),
        expiresAt: expect.any(String),
      });
      expect(Date.parse(created.expiresAt) - Date.now()).toBeGreaterThan(3_500_000);
      const socket = await openSocketIo(node.url, created.token);
      expect(socket.welcome).toMatchObject({ user: { ...user, isGuest: false } });
      expect(socket.welcome).not.toHaveProperty("expiresAt");
      await socket.close();
      await client.close();
    });

    it(`with a user's JWT creates a session for that user, over ${driver.name}`, async () => {
      const user = freshId("user");
      const client = await driver.open(node.url, await tokenFor(user, { name: "Bea" }));
      const { token } = dataOf(await client.call("session.create", {}));
      const ws = await openWebSocket(node.url, token);
      expect(ws.connected).toMatchObject({ data: { user: { id: user, name: "Bea", isGuest: false } } });
      await ws.close();
      await client.close();
    });
  }

  it("is refused to a guest, and when a field is missing, invalid or not allowed; then the error names the field", async () => {
    const guest = await restDriver.open(node.url, (await newGuest(node.url)).token);
    const nobody = await restDriver.open(node.url, null);
    const user = await restDriver.open(node.url, await tokenFor("ann"));
    const cases: [Client, Record<string, unknown>, string, string[]][] = [
      [nobody, {}, "bad_request", ["name"]],
      [nobody, { name: "Ann", user: { id: "ann" } }, "forbidden", ["user"]],
      [nobody, { name: "Ann", caps: [] }, "forbidden", ["caps"]],
      [user, { role: "moderator" }, "forbidden", ["role"]],
      [user, { name: "Ann" }, "bad_request", ["name"]],
      [server, {}, "bad_request", ["user"]],
      [server, { name: "Ann" }, "bad_request", ["name"]],
      [server, { user: { id: "" } }, "bad_request", ["user.id"]],
      [server, { user: { id: "ann", isGuest: true } }, "bad_request", ["user.isGuest"]],
      [server, { user: { id: "ann" }, ttlMs: 1_000 }, "bad_request", ["ttlMs"]],
      [server, { user: { id: "ann" }, ttlMs: 401 * 86_400_000 }, "bad_request", ["ttlMs"]],
      [
        server,
        { user: { id: "ann" }, caps: [{ channels: ["*"], allow: ["all"] }] },
        "bad_request",
        ["caps.0.allow.0"],
      ],
    ];
    for (const [client, input, code, paths] of cases) {
      const ack = await client.call("session.create", input);
      expect(ack).toMatchObject({ ok: false, error: { code } });
      expect(issuesOf(ack)!.map(({ path }) => path)).toEqual(paths);
    }
    expect(await guest.call("session.create", {})).toEqual(failure("forbidden"));
  });

  it("can't set a cookie over a socket", async () => {
    const socket = await openSocketIo(node.url, TEST_API_KEY);
    const ack = await socket.call("session.create", { user: { id: "ann" }, cookie: true });
    expect(issuesOf(ack)).toMatchObject([{ path: "cookie" }]);
    await socket.close();
  });

  it("stores the role and caps of the session", async () => {
    const caps = [{ channels: ["chat:*"], allow: ["subscribe"] }];
    const { id } = await newSession(freshId("user"), { role: "moderator", caps });
    const about = JSON.parse((await redis.commands.hget(keys.session(id).record, "about"))!);
    expect(about).toMatchObject({ role: "moderator", caps });
  });
});

describe("AU1: session.list", () => {
  it("returns the user's own sessions and marks the current one", async () => {
    const user = freshId("user");
    const first = await newSession(user);
    const second = await newSession(user);
    const client = await restDriver.open(node.url, second.token);
    const { sessions } = dataOf(await client.call("session.list"));
    expect(sessions).toHaveLength(2);
    expect(sessions).toContainEqual({
      id: second.id,
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
      expiresAt: expect.any(String),
      userAgent: "node",
      isCurrent: true,
    });
    expect(sessions).toContainEqual(expect.objectContaining({ id: first.id, isCurrent: false }));
    expect(JSON.stringify(sessions)).not.toContain("gss_");
    expect(dataOf(await server.call("session.list", { user })).sessions).toHaveLength(2);
  });

  it("returns the sessions of other users only to API keys, which must name the user", async () => {
    const client = await restDriver.open(node.url, (await newGuest(node.url)).token);
    expect(issuesOf(await client.call("session.list", { user: "ann" }))).toMatchObject([{ path: "user" }]);
    expect(issuesOf(await server.call("session.list"))).toMatchObject([{ path: "user" }]);
    expect(dataOf(await server.call("session.list", { user: freshId("nobody") }))).toEqual({ sessions: [] });
  });

  it("returns at most 100 sessions: the 101st replaces the session that expires first", async () => {
    const user = freshId("user");
    const short = await newSession(user, { ttlMs: 900_000 });
    for (let at = 0; at < 100; at += 20)
      await Promise.all(Array.from({ length: 20 }, () => newSession(user)));
    const { sessions } = dataOf(await server.call("session.list", { user }));
    expect(sessions).toHaveLength(100);
    expect(sessions.map(({ id }: { id: string }) => id)).not.toContain(short.id);
    expect(await redis.commands.exists(keys.session(short.id).record)).toBe(0);
  });
});

describe("AU4: session.revoke", () => {
  for (const driver of callDrivers) {
    it(`ends one of the user's own sessions, over ${driver.name}`, async () => {
      const user = freshId("user");
      const [own, other] = [await newSession(user), await newSession(user)];
      const client = await driver.open(node.url, own.token);
      expect(dataOf(await client.call("session.revoke", { session: other.id }))).toEqual({
        session: other.id,
        revokedAt: expect.any(String),
      });
      const revokedClient = await restDriver.open(node.url, other.token);
      expect(await revokedClient.call("session.list")).toEqual(failure("unauthenticated"));
      expect(dataOf(await client.call("session.list")).sessions).toHaveLength(1);
      await client.close();
    });
  }

  it("refuses unknown sessions and those of other users with `not_found`, and ends no session", async () => {
    const othersSession = await newSession(freshId("user"));
    const client = await restDriver.open(node.url, (await newGuest(node.url)).token);
    expect(await client.call("session.revoke", { session: othersSession.id })).toEqual(failure("not_found"));
    expect(await client.call("session.revoke", { session: "x".repeat(43) })).toEqual(failure("not_found"));
    expect(await client.call("session.revoke", { session: "x" })).toMatchObject({
      error: { code: "bad_request" },
    });
    const otherClient = await restDriver.open(node.url, othersSession.token);
    expect(await otherClient.call("session.list")).toMatchObject({ ok: true });
  });

  it("T9: a call with the same idempotency key gets the first reply, or `conflict` if its input differs", async () => {
    const [first, second] = [await newSession("ann"), await newSession("ann")];
    const repeatable = { idempotencyKey: freshId("key") };
    const reply = dataOf(await server.call("session.revoke", { session: first.id, ...repeatable }));
    expect(dataOf(await server.call("session.revoke", { session: first.id, ...repeatable }))).toEqual(reply);
    expect(await server.call("session.revoke", { session: second.id, ...repeatable })).toMatchObject({
      error: { code: "conflict" },
    });
    expect(await redis.commands.exists(keys.session(second.id).record)).toBe(1);
  });
});

describe("AU1: a session in Redis", () => {
  it("does not contain its token, and all its keys expire", async () => {
    const user = freshId("user");
    const { id, token } = await newSession(user);
    const record = await redis.commands.hgetall(keys.session(id).record);
    expect(JSON.stringify([id, record])).not.toContain(token.slice(4));
    for (const key of [keys.session(id).record, keys.user(user).sessions]) {
      expect(await redis.commands.pttl(key)).toBeGreaterThan(600_000);
    }
  });

  it("gets a new TTL when it is used, at most once a minute", async () => {
    const { id, token } = await newSession(freshId("user"));
    const { record } = keys.session(id);
    await redis.commands.multi().hset(record, "seenAt", 1).pexpire(record, 60_000).exec();
    const socket = await openSocketIo(node.url, token);
    expect(await redis.commands.pttl(record)).toBeGreaterThan(86_400_000);
    await redis.commands.pexpire(record, 60_000);
    await (await openSocketIo(node.url, token)).close();
    expect(await redis.commands.pttl(record)).toBeLessThan(60_001);
    await socket.close();
  });

  it("gets a new TTL while a connection that uses it is open", async () => {
    const { id, token } = await newSession(freshId("user"));
    const { record } = keys.session(id);
    await redis.commands.hset(record, "ttlMs", 1_200);
    const ws = await openWebSocket(node.url, token);
    // This TTL is longer than `ttlMs`, so it becomes shorter only when the node sets the TTL again.
    await redis.commands.multi().hset(record, "seenAt", 1).pexpire(record, 600_000).exec();
    await eventually(async () => expect(await redis.commands.pttl(record)).toBeLessThan(1_300));
    await ws.close();
  });

  it("closes its connections when it is missing in Redis, even if the node received no notice", async () => {
    const { id, token } = await newSession(freshId("user"));
    const { record } = keys.session(id);
    await redis.commands.hset(record, "ttlMs", 1_200);
    const ws = await openWebSocket(node.url, token);
    const closed = once(ws.socket, "close");
    await redis.commands.unlink(record);
    expect((await closed)[0]).toBe(4501);
  });

  it("closes its connections when a newer session replaces it", async () => {
    const user = freshId("user");
    const short = await newSession(user, { ttlMs: 900_000 });
    const ws = await openWebSocket(node.url, short.token);
    const closed = once(ws.socket, "close");
    // Fill the ZSET of the user's sessions up to the limit of 100, in the form that list-session.lua writes.
    const others = Array.from({ length: 99 }, (_, at) => [Date.now() + 86_400_000, `other-${at}`]);
    await redis.commands.zadd(keys.user(user).sessions, ...others.flat());
    await newSession(user);
    expect((await closed)[0]).toBe(4501);
  });
});

describe("AU1: an API key", () => {
  it("closes its connections when it is missing in Redis, even if the node received no notice", async () => {
    const { key, secret } = dataOf(await server.call("key.create", { name: freshId("key") }));
    const [byStored, bySettings] = [
      await openWebSocket(node.url, secret),
      await openWebSocket(node.url, TEST_API_KEY),
    ];
    const closed = once(byStored.socket, "close");
    await redis.commands.hdel(keys.identity.apiKeys, key.id);
    expect((await closed)[0]).toBe(4501);
    expect(await bySettings.call("key.list")).toMatchObject({ ok: true });
    await bySettings.close();
  });
});
