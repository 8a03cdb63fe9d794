import type { Push } from "@grandstand/shared/channels";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readConfig } from "../../src/config/config.js";
import { dataOf, failure } from "../support/acks.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openEventStream } from "../support/drivers/sse-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../support/tokens.js";

let node: TestNode;
let server: Client;

/** A node that warns two seconds before the expiry and closes three seconds after it. */
beforeAll(async () => {
  const { identityPace } = readConfig({});
  node = await startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET }, inject("redisUrl"), {
    identityPace: { ...identityPace, warnMs: 2_000, graceMs: 3_000 },
  });
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(() => node.close());

function shortToken(user: string, seconds = 4): Promise<string> {
  return tokenFor(user, { exp: secondsFromNow(seconds) });
}

/** A client that records warnings and the close. */
interface Watched extends Client {
  pushes: Push[];
  expiring: { expiresAt: string; heardAt: number }[];
  closed: { code: number; at: number }[];
}

async function overSocketIo(token: string): Promise<Watched> {
  const { socket, pushes, call, close } = await openSocketIo(node.url, token);
  const watched: Watched = { pushes, call, close, expiring: [], closed: [] };
  socket.on("expiring", (event) => watched.expiring.push({ ...event, heardAt: Date.now() }));
  socket.on("closing", ({ code }) => watched.closed.push({ code, at: Date.now() }));
  return watched;
}

async function overWebSocket(token: string): Promise<Watched> {
  const { socket, pushes, call, close } = await openWebSocket(node.url, token);
  const watched: Watched = { pushes, call, close, expiring: [], closed: [] };
  socket.on("message", (text) => {
    const { expiring } = JSON.parse(String(text));
    if (expiring) watched.expiring.push({ ...expiring, heardAt: Date.now() });
  });
  socket.on("close", (code) => watched.closed.push({ code, at: Date.now() }));
  return watched;
}

const sockets = { "Socket.IO": overSocketIo, WebSocket: overWebSocket };

describe.concurrent.each(Object.entries(sockets))("AU3 over %s", (_name, open) => {
  it("a client gets `expiring` before its credential expires, and is closed with 4001 afterwards if it did nothing", async () => {
    const exp = secondsFromNow(5);
    const client = await open(await tokenFor("ann", { exp }));
    await eventually(() => expect(client.closed).toMatchObject([{ code: 4001 }]));
    expect(client.expiring).toHaveLength(1);
    const [{ expiresAt, heardAt }] = client.expiring as [Watched["expiring"][number]];
    expect(Date.parse(expiresAt)).toBe(Math.floor(exp * 1_000));
    expect(heardAt).toBeGreaterThanOrEqual(exp * 1_000 - 2_000);
    expect(heardAt).toBeLessThan(client.closed[0]!.at);
    expect(client.closed[0]!.at).toBeGreaterThanOrEqual(exp * 1_000 + 3_000);
  });

  it("auth.refresh with a new token keeps the subscriptions and takes the new expiry", async () => {
    const user = freshId("user");
    const client = await open(await shortToken(user));
    const counter = freshId("counter");
    await client.call("channel.subscribe", { channel: `counter:${counter}` });
    const exp = Math.floor(secondsFromNow(3_600));
    const answer = await client.call("auth.refresh", { token: await tokenFor(user, { exp, name: "Ann" }) });
    expect(dataOf(answer)).toEqual({
      user: { id: user, name: "Ann", avatar: null, isGuest: false },
      expiresAt: new Date(exp * 1_000).toISOString(),
    });
    const heard = client.expiring.length;
    // The neighbour's token expires after the first client's old token. Once the neighbour is closed, both tokens have
    // expired.
    const neighbour = await open(await shortToken(user));
    await eventually(() => expect(neighbour.closed).toMatchObject([{ code: 4001 }]));
    expect(client.closed).toEqual([]);
    expect(client.expiring).toHaveLength(heard);
    await server.call("counter.add", { counter });
    await eventually(() => expect(client.pushes).toMatchObject([{ channel: `counter:${counter}` }]));
    await client.close();
  });

  it("auth.refresh with a session removes the expiry", async () => {
    const user = freshId("user");
    const client = await open(await shortToken(user));
    const { token } = dataOf(await server.call("session.create", { user: { id: user } }));
    expect(dataOf(await client.call("auth.refresh", { token }))).toMatchObject({ expiresAt: null });
    await client.close();
  });

  it("auth.refresh refuses another caller's token and invalid tokens, and the connection keeps working", async () => {
    const user = freshId("user");
    const client = await open(await tokenFor(user));
    expect(await client.call("auth.refresh", { token: await tokenFor("eve") })).toEqual(failure("forbidden"));
    expect(await client.call("auth.refresh", { token: TEST_API_KEY })).toEqual(failure("forbidden"));
    for (const token of ["wrong", "gss_wrong", "gsk_wrong", await tokenFor(user, {}, "x".repeat(32))]) {
      expect(await client.call("auth.refresh", { token })).toEqual(failure("unauthenticated"));
    }
    expect(await client.call("auth.refresh", {})).toMatchObject({ error: { code: "bad_request" } });
    expect(dataOf(await client.call("session.list"))).toEqual({ sessions: [] });
    await client.close();
  });

  it("a connection of an API key can be refreshed only with a key of the same name", async () => {
    const name = freshId("key");
    const create = async (more: object) => dataOf(await server.call("key.create", { name, ...more }));
    const first = await create({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const client = await open(first.secret);
    const second = await create({});
    expect(dataOf(await client.call("auth.refresh", { token: second.secret }))).toEqual({
      user: null,
      expiresAt: null,
    });
    expect(await client.call("auth.refresh", { token: TEST_API_KEY })).toEqual(failure("forbidden"));
    await client.close();
  });
});

describe.concurrent("AU3 over SSE", () => {
  it("the stream sends `expiring`, and then `closing` with 4001", async () => {
    const stream = await openEventStream(node.url, await shortToken("ann"), `counter:${freshId("c")}/events`);
    await eventually(() =>
      expect(stream.events.at(-1)).toMatchObject({ event: "closing", data: { code: 4001 } }),
    );
    expect(stream.events.map(({ event }) => event).filter((event) => event !== ":")).toEqual([
      "subscribed",
      "expiring",
      "closing",
    ]);
    expect(stream.events[1]!.data).toEqual({ expiresAt: expect.stringMatching(/Z$/) });
    expect(stream.events[1]!.id).toBeNull();
  });
});

describe.concurrent("AU3 without an authenticated connection", () => {
  it("auth.refresh needs a connection with a caller", async () => {
    const rest = await fetch(`${node.url}/v1/auth`, { method: "POST" });
    expect(rest.status).toBe(404);
    const ws = await openWebSocket(node.url, null);
    expect(await ws.call("auth.refresh", { token: TEST_API_KEY })).toEqual(failure("unauthenticated"));
    await ws.close();
  });

  it("over REST an expired token is refused", async () => {
    // This token still works, because a node accepts an expired token for 5 more seconds in case clocks
    // differ.
    const token = await tokenFor("ann", { exp: secondsFromNow(-1) });
    const client = await restDriver.open(node.url, token);
    expect(await client.call("session.list")).toMatchObject({ ok: true });
    // The timeout of `eventually` is longer than the time for which a node caches an authenticated caller.
    await eventually(async () =>
      expect(await client.call("session.list")).toEqual(failure("unauthenticated")),
    );
  });
});
