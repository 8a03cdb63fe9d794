import { once } from "node:events";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../../../test/support/accounts.js";
import { dataOf, failure } from "../../../test/support/acks.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openEventStream } from "../../../test/support/drivers/sse-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { expectWithin } from "../../../test/support/expect-within.js";
import { freezableProxy } from "../../../test/support/freezable-proxy.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";
import { connectTestRedis, isCluster, type TestRedis } from "../../../test/support/redis-client.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../../../test/support/tokens.js";
import { readConfig } from "../../config/config.js";
import { Keys } from "../../redis/keys.js";

// `near` and `far` are nodes with the same Redis. Their periodic review of revocations comes too late to influence
// these tests.
let near: TestNode;
let far: TestNode;
let server: Client;
let redis: TestRedis;
let keys: Keys;

beforeAll(async () => {
  near = await startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET });
  far = await startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET, GRANDSTAND_PREFIX: near.prefix });
  server = await restDriver.open(near.url, TEST_API_KEY);
  redis = await connectTestRedis();
  keys = new Keys(near.prefix);
});

afterAll(async () => {
  await redis.close();
  await Promise.all([near.close(), far.close()]);
  expect([near.connectionCount(), far.connectionCount()]).toEqual([0, 0]);
});

/** Opens a connection over each transport, and collects the codes with which they are closed. */
async function connections(url: string, token: string) {
  const codes: Record<string, number> = {};
  const socket = await openSocketIo(url, token);
  socket.socket.on("closing", ({ code }) => {
    codes.socketIo = code;
  });
  const ws = await openWebSocket(url, token);
  ws.socket.on("close", (code) => {
    codes.webSocket = code;
  });
  const stream = await openEventStream(url, token, `counter:${freshId("counter")}/events`);
  return {
    get codes() {
      const last = stream.events.at(-1);
      if (last?.event === "closing") codes.sse = (last.data as { code: number }).code;
      return codes;
    },
    close: () => Promise.all([socket.close(), ws.close(), stream.close()]),
  };
}

const allRevoked = { socketIo: 4501, webSocket: 4501, sse: 4501 };

async function newSession(user: string) {
  return dataOf(await server.call("session.create", { user: { id: user } }));
}

/** A token that was issued some seconds ago, so that a revocation now covers it. */
function olderToken(user: string, claims = {}): Promise<string> {
  return tokenFor(user, { iat: Math.floor(secondsFromNow(-5)), ...claims });
}

describe("AU4: user.revoke", () => {
  it("closes the connections of the user on all nodes with 4501 within a second, and no others", async () => {
    const user = freshId("user");
    const session = await newSession(user);
    const token = await olderToken(user);
    const theirs = await Promise.all([
      connections(near.url, token),
      connections(far.url, token),
      connections(far.url, session.token),
    ]);
    const others = await connections(far.url, (await newGuest(near.url)).token);
    const from = performance.now();
    const { revokedAt } = dataOf(await server.call("user.revoke", { user }));
    expect(Math.abs(Date.parse(revokedAt) - Date.now())).toBeLessThan(10_000);
    await eventually(() =>
      expect(theirs.map(({ codes }) => codes)).toEqual([allRevoked, allRevoked, allRevoked]),
    );
    expectWithin(1_000, from);
    expect(others.codes).toEqual({});
    await others.close();
  });

  it("invalidates the sessions and tokens that were issued before the revocation", async () => {
    const user = freshId("user");
    const session = await newSession(user);
    const old = [session.token, await olderToken(user), await tokenFor(user, { iat: null })];
    const clients = await Promise.all(
      old.flatMap((token) => [restDriver.open(near.url, token), restDriver.open(far.url, token)]),
    );
    for (const client of clients) expect(await client.call("session.list")).toMatchObject({ ok: true });
    await server.call("user.revoke", { user });
    for (const client of clients) {
      await eventually(async () =>
        expect(await client.call("session.list")).toEqual(failure("unauthenticated")),
      );
    }
    for (const token of old) {
      await expect(openSocketIo(far.url, token)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
    }
    expect(await redis.commands.exists(keys.session(session.id).record)).toBe(0);
    const again = await restDriver.open(far.url, (await newSession(user)).token);
    expect(dataOf(await again.call("session.list")).sessions).toHaveLength(1);
    const later = await tokenFor(user, { iat: secondsFromNow(1) });
    expect(await (await restDriver.open(far.url, later)).call("session.list")).toMatchObject({ ok: true });
  });

  it("invalidates tokens issued in the same second, because tokens have whole seconds", async () => {
    const user = freshId("user");
    const { revokedAt } = dataOf(await server.call("user.revoke", { user }));
    const sameSecond = await tokenFor(user, { iat: Math.floor(Date.parse(revokedAt) / 1_000) });
    const nextSecond = await tokenFor(user, { iat: Math.floor(Date.parse(revokedAt) / 1_000) + 1 });
    expect(await (await restDriver.open(near.url, sameSecond)).call("session.list")).toEqual(
      failure("unauthenticated"),
    );
    expect(await (await restDriver.open(near.url, nextSecond)).call("session.list")).toMatchObject({
      ok: true,
    });
  });

  it("requires an API key, and works for any user id", async () => {
    const guest = await restDriver.open(near.url, (await newGuest(near.url)).token);
    expect(await guest.call("user.revoke", { user: "ann" })).toEqual(failure("forbidden"));
    const user = "  Zoë 🎮 / x:{y}";
    const old = await restDriver.open(near.url, await olderToken(user));
    expect(await old.call("session.list")).toMatchObject({ ok: true });
    expect(dataOf(await server.call("user.revoke", { user }))).toMatchObject({ user });
    expect(await old.call("session.list")).toEqual(failure("unauthenticated"));
  });

  it("T9: a repeat with the same idempotency key does not revoke sessions that were created since", async () => {
    const user = freshId("user");
    const under = { user, idempotencyKey: freshId("key") };
    const answer = dataOf(await server.call("user.revoke", under));
    const session = await newSession(user);
    const ws = await openWebSocket(near.url, session.token);
    expect(dataOf(await server.call("user.revoke", under))).toEqual(answer);
    expect(dataOf(await ws.call("session.list")).sessions).toHaveLength(1);
    expect(await server.call("user.revoke", { ...under, user: "bob" })).toMatchObject({
      error: { code: "conflict" },
    });
    await ws.close();
  });

  it("prevents auth.refresh with a token that was issued before the revocation", async () => {
    const user = freshId("user");
    const old = await olderToken(user);
    await server.call("user.revoke", { user });
    const ws = await openWebSocket(near.url, (await newSession(user)).token);
    expect(await ws.call("auth.refresh", { token: old })).toEqual(failure("unauthenticated"));
    expect(dataOf(await ws.call("session.list")).sessions).toHaveLength(1);
    await ws.close();
  });
});

describe("AU4: session.revoke and key.revoke", () => {
  it("close the connections of the session or key on all nodes, and no connection of another session of the user", async () => {
    const user = freshId("user");
    const [one, other] = [await newSession(user), await newSession(user)];
    const ended = await Promise.all([connections(near.url, one.token), connections(far.url, one.token)]);
    const kept = await connections(far.url, other.token);
    await server.call("session.revoke", { session: one.id });
    await eventually(() => expect(ended.map(({ codes }) => codes)).toEqual([allRevoked, allRevoked]));
    expect(kept.codes).toEqual({});
    await kept.close();

    const { key, secret } = dataOf(await server.call("key.create", { name: freshId("key") }));
    const byKey = await connections(far.url, secret);
    const rest = await restDriver.open(far.url, secret);
    expect(await rest.call("session.list", { user })).toMatchObject({ ok: true });
    await server.call("key.revoke", { key: key.id });
    await eventually(() => expect(byKey.codes).toEqual(allRevoked));
    await eventually(async () =>
      expect(await rest.call("session.list", { user })).toEqual(failure("unauthenticated")),
    );
    await expect(openSocketIo(far.url, secret)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  });
});

describe("AU4: a node that missed the notice of a revocation", () => {
  it("finds the revocation in its periodic review", async () => {
    const settings = { GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET, GRANDSTAND_PREFIX: near.prefix };
    const { identityPace } = readConfig({});
    const asking = await startTestNode(settings, inject("redisUrl"), {
      identityPace: { ...identityPace, reviewMs: 200 },
    });
    const user = freshId("user");
    const { id, token } = await newSession(freshId("other"));
    const held = await Promise.all([
      connections(asking.url, await olderToken(user)),
      connections(asking.url, token),
    ]);
    // What revoke.lua writes, without the notice that it publishes.
    await redis.commands.zadd(keys.identity.revokedUsers, Date.now(), user);
    await redis.commands.zadd(keys.identity.ended, Date.now(), `session:${id}`);
    await eventually(() => expect(held.map(({ codes }) => codes)).toEqual([allRevoked, allRevoked]));
    await asking.close();
  });

  it.skipIf(isCluster)("reviews revocations after its subscriptions were interrupted", async () => {
    const proxy = await freezableProxy(inject("redisUrl"));
    const settings = { GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET, GRANDSTAND_PREFIX: near.prefix };
    const cutOff = await startTestNode(settings, proxy.url);
    const user = freshId("user");
    const ws = await openWebSocket(cutOff.url, await olderToken(user));
    const closed = once(ws.socket, "close");
    await redis.commands.zadd(keys.identity.revokedUsers, Date.now(), user);
    proxy.cut();
    expect((await closed)[0]).toBe(4501);
    await cutOff.close();
    await proxy.close();
  });

  it("refuses each new connection, because a connect always reads Redis", async () => {
    const user = freshId("user");
    const token = await olderToken(user);
    const client = await restDriver.open(near.url, token);
    expect(await client.call("session.list")).toMatchObject({ ok: true });
    await redis.commands.zadd(keys.identity.revokedUsers, Date.now(), user);
    await expect(openSocketIo(near.url, token)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
    const ws = await openWebSocket(near.url, token);
    expect(ws.connected).toMatchObject({ error: { code: "unauthenticated" } });
    await ws.close();
    const stream = await openEventStream(near.url, token, "counter:c/events");
    expect(stream.response.status).toBe(401);
    // Tokens have whole seconds, so a revocation covers all tokens of the second in which it happened.
    const second = Math.floor(secondsFromNow(-30));
    await redis.commands.zadd(keys.identity.revokedUsers, second * 1_000 + 500, user);
    const opens = async (iat: number) => {
      const { connected, close } = await openWebSocket(near.url, await tokenFor(user, { iat }));
      await close();
      return connected!.ok;
    };
    expect([await opens(second), await opens(second + 1)]).toEqual([false, true]);
  });
});

describe("AU4: exchanging a credential for a session", () => {
  /** Records the revocation of a user, without the notice and without the deletion of the sessions. */
  const revokeWithoutNotice = (user: string, at = Date.now()) =>
    redis.commands.zadd(keys.identity.revokedUsers, at, user);
  const listed = async (user: string) => dataOf(await server.call("session.list", { user })).sessions;

  it("is refused for a revoked token, also by a node that missed the notice of the revocation", async () => {
    const user = freshId("user");
    const token = await olderToken(user);
    const clients = [await restDriver.open(near.url, token), await openWebSocket(near.url, token)];
    for (const client of clients) dataOf(await client.call("session.list"));
    await revokeWithoutNotice(user);
    for (const client of clients) {
      expect(await client.call("session.create", {})).toEqual(failure("unauthenticated"));
      await client.close();
    }
    expect(await listed(user)).toEqual([]);
  });

  it("gives a session that is revoked with its token, even if the session is newer than the revocation", async () => {
    const user = freshId("user");
    const client = await restDriver.open(near.url, await olderToken(user));
    const { token } = dataOf(await client.call("session.create", {}));
    await revokeWithoutNotice(user, Date.now() - 2_000);
    await expect(openSocketIo(far.url, token)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  });

  it("is refused for a token that expired while its connection was open", async () => {
    // A token is accepted until 5 s after its expiry (EXPIRY_TOLERANCE_MS in tokens.ts), so this one ends in 1.5 s.
    const ws = await openWebSocket(near.url, await tokenFor(freshId("user"), { exp: secondsFromNow(-3.5) }));
    expect(ws.connected).toMatchObject({ ok: true });
    await eventually(async () =>
      expect(await ws.call("session.create", {})).toEqual(failure("unauthenticated")),
    );
    await ws.close();
  });

  it("is refused for a revoked API key", async () => {
    const { key, secret } = dataOf(await server.call("key.create", { name: freshId("key") }));
    const client = await restDriver.open(near.url, secret);
    const user = freshId("user");
    expect(await client.call("session.create", { user: { id: user } })).toMatchObject({ ok: true });
    await redis.commands.hdel(keys.identity.apiKeys, key.id);
    expect(await client.call("session.create", { user: { id: user } })).toEqual(failure("unauthenticated"));
    expect(await listed(user)).toHaveLength(1);
  });
});

it("AU4: a connection that opens while its user is revoked is closed or refused", async () => {
  const users = Array.from({ length: 12 }, () => freshId("user"));
  const closed = await Promise.all(
    users.map(async (user, at) => {
      const token = await olderToken(user);
      const url = at % 2 === 0 ? near.url : far.url;
      const ended = at % 3 === 0 ? socketIoEnds(url, token) : webSocketEnds(url, token);
      await server.call("user.revoke", { user });
      return ended;
    }),
  );
  // 4501: the open connection was closed. 4502: the connection was refused. Both are correct.
  expect(closed.filter((code) => code !== 4501 && code !== 4502)).toEqual([]);
});

function webSocketEnds(url: string, token: string): Promise<number> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
  socket.on("open", () => socket.send(JSON.stringify({ id: 1, op: "connect", data: { token } })));
  return once(socket, "close").then(([code]) => code as number);
}

function socketIoEnds(url: string, token: string): Promise<number> {
  const socket = io(url, { auth: { token }, transports: ["websocket"], forceNew: true, reconnection: false });
  return new Promise((resolve) => {
    socket.on("closing", ({ code }) => resolve(code));
    socket.on("connect_error", () => resolve(4502));
  });
}

it("AU4: a session that still exists after the revocation of its user is deleted when a call with it is refused", async () => {
  const user = freshId("user");
  const { id, token } = await newSession(user);
  await redis.commands.zadd(keys.identity.revokedUsers, Date.now(), user);
  const client = await restDriver.open(near.url, token);
  expect(await client.call("session.list")).toEqual(failure("unauthenticated"));
  await eventually(async () => expect(await redis.commands.exists(keys.session(id).record)).toBe(0));
  expect(await redis.commands.zscore(keys.user(user).sessions, id)).toBeNull();
});

it("Redis forgets the revocation of a user after 400 days, and the revocation of a session after an hour", async () => {
  await redis.commands.zadd(keys.identity.revokedUsers, Date.now() - 401 * 86_400_000, "long-ago");
  await redis.commands.zadd(keys.identity.ended, Date.now() - 3_700_000, "session:long-ago");
  await server.call("user.revoke", { user: freshId("user") });
  await server.call("session.revoke", { session: (await newSession(freshId("user"))).id });
  expect(await redis.commands.zscore(keys.identity.revokedUsers, "long-ago")).toBeNull();
  expect(await redis.commands.zscore(keys.identity.ended, "session:long-ago")).toBeNull();
  for (const key of [keys.identity.revokedUsers, keys.identity.ended]) {
    expect(await redis.commands.pttl(key)).toBeGreaterThan(3_000_000);
  }
});
