import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import type { Ack } from "@grandstand/shared/frames";
import { io } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "./support/accounts.js";
import { callDrivers } from "./support/drivers/call-drivers.js";
import type { Driver } from "./support/drivers/driver.js";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openSocketIo } from "./support/drivers/socketio-driver.js";
import { type EventStream, openEventStream } from "./support/drivers/sse-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { eventually } from "./support/eventually.js";
import { freezableProxy } from "./support/freezable-proxy.js";
import { startTestNode, type TestNode } from "./support/in-process-node.js";
import { TEST_API_KEY } from "./support/names.js";
import { TOKEN_SECRET, tokenFor } from "./support/tokens.js";

let nodes: TestNode[];

beforeEach(() => {
  nodes = [];
});

afterEach(async () => {
  try {
    await eventually(() => expect(nodes.map((node) => node.connectionCount())).toEqual(nodes.map(() => 0)));
    expect(nodes.map((node) => node.channelCount())).toEqual(nodes.map(() => 0));
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
});

/** Starts a node. @param limits the limits that differ from the defaults */
async function start(
  limits: object,
  settings: Record<string, string> = {},
  redisUrl?: string,
): Promise<TestNode> {
  const node = await startTestNode({ GRANDSTAND_LIMITS: JSON.stringify(limits), ...settings }, redisUrl);
  nodes.push(node);
  return node;
}

/** Creates a counter that every user may add to. */
async function openCounter(node: TestNode, counter = "c"): Promise<void> {
  const server = await restDriver.open(node.url, TEST_API_KEY);
  expect(await server.call("counter.configure", { counter, add: "anyone" })).toMatchObject({ ok: true });
}

/** A `rate_limited` reply whose message names the limit. */
const limited = (limit: string) => ({
  ok: false,
  error: {
    code: "rate_limited",
    message: expect.stringContaining(limit),
    retryAfterMs: expect.any(Number),
  },
});

/** Makes a number of calls. @returns how many of them were not rate limited */
async function timesAllowed(calls: number, call: () => Promise<Ack>): Promise<number> {
  let count = 0;
  for (let at = 0; at < calls; at += 1) if ((await call()).ok) count += 1;
  return count;
}

function get(node: TestNode, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${node.url}/v1${path}`, { headers });
}

describe.each(callDrivers)("AU5 over $name", (driver: Driver) => {
  it("a call over its user's quota is `rate_limited` on all nodes and changes nothing", async () => {
    const one = await start({ user: { points: 20 } });
    const two = await start({ user: { points: 20 } }, { GRANDSTAND_PREFIX: one.prefix });
    await openCounter(one, "cheers");
    const { token } = await newGuest(one.url);
    const clients = await Promise.all([one, two].map(({ url }) => driver.open(url, token)));
    const [client, other] = clients as [(typeof clients)[0], (typeof clients)[0]];
    const add = () => client.call("counter.add", { counter: "cheers" });
    expect(await timesAllowed(30, add)).toBe(20);
    expect(await add()).toMatchObject(limited("20 points in 60 s for one user"));
    expect(await other.call("counter.add", { counter: "cheers" })).toMatchObject(limited("for one user"));
    // API keys have no quota by default.
    const server = await restDriver.open(two.url, TEST_API_KEY);
    expect(await server.call("counter.get", { counter: "cheers" })).toMatchObject({ data: { value: 20 } });
    const { token: otherToken } = await newGuest(two.url);
    const guest = await driver.open(two.url, otherToken);
    expect(await guest.call("counter.add", { counter: "cheers" })).toMatchObject({ data: { value: 21 } });
    for (const each of [...clients, guest]) await each.close();
  });
});

describe("AU5 over REST", () => {
  it("T6: responses report the quota state, and a refusal says when to retry", async () => {
    const node = await start({ user: { points: 5, windowSeconds: 40 } });
    const { token } = await newGuest(node.url);
    const authorization = `Bearer ${token}`;
    const first = await get(node, "/counters/c", { authorization });
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit-policy")).toBe('"user";q=5;w=40');
    expect(first.headers.get("ratelimit")).toMatch(/^"user";r=4;t=(40|39|38)$/);
    for (let at = 0; at < 4; at += 1) await get(node, "/counters/c", { authorization });
    const refused = await get(node, "/counters/c", { authorization });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(refused.headers.get("ratelimit")).toMatch(/^"user";r=0;t=(40|3\d)$/);
    const { code, retryAfterMs } = await refused.json();
    expect(code).toBe("rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBe(Math.ceil(retryAfterMs / 1_000));
    // A call with invalid input is rate limited, too.
    expect((await get(node, "/leaderboards?limit=x", { authorization })).status).toBe(429);
    expect(
      (await get(node, "/leaderboards", { authorization: `Bearer ${TEST_API_KEY}` })).headers.get(
        "ratelimit",
      ),
    ).toBeNull();
  });

  it("each API key has its own quota if the settings limit API keys", async () => {
    const node = await start(
      { apiKey: { points: 4 } },
      { GRANDSTAND_API_KEYS: `one:${TEST_API_KEY},two:other-key` },
    );
    const [one, two] = await Promise.all(
      [TEST_API_KEY, "other-key"].map((key) => restDriver.open(node.url, key)),
    );
    expect(await timesAllowed(6, () => one!.call("counter.get", { counter: "c" }))).toBe(4);
    expect(await one!.call("leaderboard.list")).toMatchObject(limited("for one API key"));
    expect(await two!.call("leaderboard.list")).toMatchObject({ ok: true });
  });

  it("calls without credentials, such as creating a session, count against their address", async () => {
    const node = await start({ address: { points: 12 } });
    const nobody = await restDriver.open(node.url, null);
    const createSession = () => nobody.call("session.create", { name: "Ann" });
    expect(await timesAllowed(4, createSession)).toBe(2);
    expect(await createSession()).toMatchObject(limited("for one address"));
    const server = await restDriver.open(node.url, TEST_API_KEY);
    expect(await server.call("leaderboard.list")).toMatchObject({ ok: true });
  });
});

describe("AU5: limits of an address", () => {
  it("an address with too many refused credentials can't authenticate any more; its open connections stay", async () => {
    const node = await start({ failures: { points: 5 } });
    const { token } = await newGuest(node.url);
    const [socketIo, webSocket] = [await openSocketIo(node.url, token), await openWebSocket(node.url, token)];
    for (let at = 0; at < 5; at += 1) {
      expect((await get(node, "/leaderboards", { authorization: `Bearer guess-${at}` })).status).toBe(401);
    }
    await eventually(async () => {
      const guess = await get(node, "/leaderboards", { authorization: "Bearer guess" });
      expect(guess.status).toBe(429);
      expect(Number(guess.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(guess.headers.get("ratelimit-policy")).toBe('"failures";q=5;w=60');
    });
    // A valid credential is refused as well: otherwise an attacker could tell it from a wrong one.
    expect((await get(node, "/leaderboards", { "x-api-key": TEST_API_KEY })).status).toBe(429);
    await expect(openSocketIo(node.url, token)).rejects.toMatchObject({ data: { code: "rate_limited" } });
    const late = await openWebSocket(node.url, token);
    expect(late.connected).toMatchObject(limited("for refused credentials of one address"));
    await late.close();
    const stream = await openEventStream(node.url, token, "leaderboard:b/events");
    expect(stream.response.status).toBe(429);
    for (const { call } of [socketIo, webSocket]) {
      expect(await call("leaderboard.list")).toMatchObject({ ok: true });
      expect(await call("auth.refresh", { token })).toMatchObject({ ok: true });
    }
    await Promise.all([socketIo.close(), webSocket.close()]);
  });

  it("an address can open a limited number of connections per window, on every transport", async () => {
    const node = await start({ address: { points: 25 } });
    const { token } = await newGuest(node.url);
    const open = [];
    const refused: unknown[] = [];
    for (let at = 0; at < 10; at += 1) {
      open.push(await openWebSocket(node.url, token).catch((error) => refused.push(error)));
      open.push(await openSocketIo(node.url, token).catch((error) => refused.push(error)));
      const stream = await openEventStream(node.url, token, "counter:c/events");
      if (stream.response.status === 429) refused.push(await stream.response.json());
      open.push(stream);
    }
    // Creating the session has used five points of the quota.
    expect(refused).toHaveLength(10);
    expect(refused.filter((error) => String(error).includes("429")).length).toBeGreaterThan(0);
    expect(refused).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ code: "rate_limited" }) }),
    );
    expect(refused).toContainEqual(expect.objectContaining({ code: "rate_limited" }));
    for (const each of open) if (typeof each === "object") await each.close();
  });

  it("OP4: a node takes the client's address from X-Forwarded-For behind a trusted proxy, and not without one", async () => {
    const trusting = await start({ address: { points: 6 } }, { GRANDSTAND_TRUSTED_PROXIES: "127.0.0.0/8" });
    const strict = await start({ address: { points: 6 } });
    const createSession = (node: TestNode, client: string) =>
      fetch(`${node.url}/v1/sessions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": client },
        body: '{"name":"Ann"}',
      });
    for (const client of ["203.0.113.1", "203.0.113.2", "198.51.100.1, 203.0.113.3"]) {
      expect((await createSession(trusting, client)).status).toBe(201);
    }
    for (const client of ["203.0.113.1", "198.51.100.2, 203.0.113.1"]) {
      expect((await createSession(trusting, client)).status).toBe(429);
    }
    // Each client has points left for one connection, over any transport.
    const socketIoAt = async (client: string) => {
      const socket = io(trusting.url, {
        auth: { token: TEST_API_KEY },
        transports: ["websocket"],
        forceNew: true,
        reconnection: false,
        extraHeaders: { "x-forwarded-for": client },
      });
      const outcome = await new Promise<string>((resolve) => {
        socket.on("welcome", () => resolve("welcome"));
        socket.on("connect_error", (error) =>
          resolve((error as Error & { data?: { code: string } }).data?.code ?? error.message),
        );
      });
      socket.disconnect();
      return outcome;
    };
    const header = (client: string) => ({
      "x-forwarded-for": client,
      authorization: `Bearer ${TEST_API_KEY}`,
    });
    expect(await socketIoAt("203.0.113.1")).toBe("welcome");
    expect(await socketIoAt("203.0.113.1")).toBe("rate_limited");
    const plain = await openWebSocket(trusting.url, null, header("203.0.113.2"));
    expect(await plain.call("leaderboard.list")).toMatchObject({ ok: true });
    await plain.close();
    await expect(openWebSocket(trusting.url, null, header("203.0.113.2"))).rejects.toThrow("429");
    const streamOf = (client: string) =>
      openEventStream(trusting.url, TEST_API_KEY, "counter:c/events", { "x-forwarded-for": client });
    const stream = await streamOf("203.0.113.3");
    expect(stream.response.status).toBe(200);
    await stream.close();
    expect((await streamOf("203.0.113.3")).response.status).toBe(429);

    expect((await createSession(strict, "203.0.113.1")).status).toBe(201);
    expect((await createSession(strict, "203.0.113.2")).status).toBe(429);
  });
});

describe("AU5: limits of a connection", () => {
  const smallBucket = { connection: { burst: 20, perSecond: 20 } };

  it("a user's connection has a token bucket, which refills; an API key's connection has none", async () => {
    const node = await start(smallBucket);
    await openCounter(node);
    const client = await openWebSocket(node.url, (await newGuest(node.url)).token);
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => client.call("counter.add", { counter: "c" })),
    );
    const refused = replies.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject(limited("20 points a second for one connection"));
    const { retryAfterMs } = (refused[0] as { error: { retryAfterMs: number } }).error;
    expect(retryAfterMs).toBeLessThanOrEqual(50);
    await eventually(async () =>
      expect(await client.call("counter.add", { counter: "c" })).toMatchObject({ ok: true }),
    );
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    // This limit does not apply to a connection with an API key, because such a connection acts for many users.
    const server = await openWebSocket(node.url, TEST_API_KEY);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => server.call("counter.add", { counter: "c" })),
    );
    expect(all.every(({ ok }) => ok)).toBe(true);
    await Promise.all([client.close(), server.close()]);
  });

  it("T7: over WebSocket, a connection that exceeds its bucket tenfold is closed with 4508", async () => {
    const node = await start({ ...smallBucket, user: { points: 10 } });
    await openCounter(node);
    const { token } = await newGuest(node.url);
    const client = await openWebSocket(node.url, token);
    const closed = once(client.socket, "close");
    for (let at = 0; at < 300; at += 1) void client.call("counter.add", { counter: "c" });
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4508, "abuse"]);
    const server = await restDriver.open(node.url, TEST_API_KEY);
    await eventually(async () =>
      expect(await server.call("counter.get", { counter: "c" })).toMatchObject({ data: { value: 10 } }),
    );
  });

  it("T7: over Socket.IO, a connection that exceeds its bucket tenfold gets a close notice with 4508", async () => {
    const node = await start(smallBucket);
    const client = await openSocketIo(node.url, (await newGuest(node.url)).token);
    const closeNotices: unknown[] = [];
    client.socket.on("closing", (notice) => closeNotices.push(notice));
    const disconnected = new Promise((resolve) => client.socket.on("disconnect", resolve));
    for (let at = 0; at < 300; at += 1)
      client.socket.emit("chat.react", { room: "r", offset: 1, emoji: "👍" });
    await disconnected;
    expect(closeNotices).toEqual([{ code: 4508, reason: "abuse" }]);
  });

  it("`connect` frames cost points as calls do, and a connection that floods the node with them is closed", async () => {
    const node = await start(smallBucket);
    const client = await openWebSocket(node.url, (await newGuest(node.url)).token);
    const filler = "x".repeat(70_000);
    expect(await client.call("connect", { filling: filler })).toMatchObject({
      error: { code: "payload_too_large" },
    });
    const closed = once(client.socket, "close");
    const replies = Array.from({ length: 300 }, () => client.call("connect"));
    const answer = await Promise.race(replies.slice(25));
    expect(answer).toMatchObject(limited("20 points a second for one connection"));
    expect((await closed)[0]).toBe(4508);
  });

  it("a connection of an API key stays open after 900 refused calls", async () => {
    const node = await start({ ...smallBucket, apiKey: { points: 100 } });
    const client = await openWebSocket(node.url, TEST_API_KEY);
    const calls = Array.from({ length: 1_000 }, () => client.call("counter.get", { counter: "c" }));
    const refused = (await Promise.all(calls)).filter(({ ok }) => !ok);
    expect(refused).toHaveLength(900);
    expect(refused.at(-1)).toMatchObject(limited("for one API key"));
    expect(await client.call("leaderboard.list")).toMatchObject(limited("for one API key"));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    await client.close();
  });

  it("a connection that tries many wrong tokens is closed with 4508", async () => {
    const node = await start({ connection: { burst: 400, perSecond: 20 } });
    const client = await openWebSocket(node.url, (await newGuest(node.url)).token);
    const closed = once(client.socket, "close");
    for (let at = 0; at < 30; at += 1) void client.call("auth.refresh", { token: `gss_guess-${at}` });
    expect((await closed)[0]).toBe(4508);
  });

  it("a connection whose client does not answer the closing handshake is terminated within eight seconds", async () => {
    const node = await start(smallBucket);
    const client = await openWebSocket(node.url, (await newGuest(node.url)).token);
    const tcp = (client.socket as unknown as { _socket: Socket })._socket;
    let closedAt = 0;
    tcp.on("close", () => {
      closedAt = performance.now();
    });
    const startedAt = performance.now();
    // Without these listeners, the client reads no frame, so it does not answer the closing handshake.
    client.socket.removeAllListeners("message");
    tcp.removeAllListeners("data");
    tcp.resume();
    await eventually(() => {
      for (let at = 0; at < 50; at += 1)
        client.socket.send('{"id":1,"op":"counter.add","data":{"counter":"c"}}');
      expect(closedAt).toBeGreaterThan(0);
    });
    expect(closedAt - startedAt).toBeLessThan(8_000);
  });

  it("under the default limits, a connection has at most 128 channels, and is closed if it floods the node with more", async () => {
    const node = await start({});
    const client = await openWebSocket(node.url, (await newGuest(node.url)).token);
    const closed = once(client.socket, "close");
    let maxChannels = 0;
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    for (let at = 0; at < 3_000 && !isClosed; at += 1) {
      void client.call("channel.subscribe", { channel: `chat:room-${at}` });
      if (at % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
      maxChannels = Math.max(maxChannels, node.channelCount());
    }
    expect((await closed)[0]).toBe(4508);
    expect(maxChannels).toBeLessThanOrEqual(128);
  });

  it("the default limits refuse no call of twelve users at one address, one of whom makes 200 calls at once", async () => {
    const node = await start({});
    await openCounter(node);
    const guests = await Promise.all(
      Array.from({ length: 12 }, (_, at) => newGuest(node.url, `Guest ${at}`)),
    );
    const clients = await Promise.all(guests.map(({ token }) => openSocketIo(node.url, token)));
    // The first client sends 200 calls at once: as many as a game with twenty calls a second makes in ten seconds.
    const calls = clients.flatMap(({ call }, tab) =>
      Array.from({ length: tab === 0 ? 200 : 20 }, () => call("counter.add", { counter: "c" })),
    );
    const replies = await Promise.all(calls);
    expect(replies.filter(({ ok }) => !ok)).toEqual([]);
    await Promise.all(clients.map((client) => client.close()));
  });
});

describe("AU5: limits on the number of connections", () => {
  it("a node limits its connections per user, per address and in total; a connection that closes frees its place", async () => {
    const node = await start({ connections: { perUser: 2, perAddress: 3, perNode: 100 } });
    const small = await start({ connections: { perNode: 1 } });
    const { token } = await newGuest(node.url);
    const first = await openSocketIo(node.url, token);
    const second = await openWebSocket(node.url, token);
    const third = await openWebSocket(node.url, token);
    expect(third.connected).toMatchObject(limited("2 connections of one user"));
    const stream = await openEventStream(node.url, token, "counter:c/events");
    expect(await stream.response.json()).toMatchObject({ code: "rate_limited", retryAfterMs: 10_000 });
    await expect(openSocketIo(node.url, TEST_API_KEY)).rejects.toMatchObject({
      data: { code: "rate_limited", message: expect.stringContaining("3 connections of one address") },
    });
    await third.close();
    await first.close();
    await eventually(() => expect(node.connectionCount()).toBe(1));
    const again = await openSocketIo(node.url, token);
    await Promise.all([again.close(), second.close()]);

    const only = await openSocketIo(small.url, TEST_API_KEY);
    await expect(openWebSocket(small.url, TEST_API_KEY)).rejects.toThrow("429");
    await only.close();
  });

  it("a node limits new connections per second, and accepts clients that retry later", async () => {
    const node = await start({ connections: { perSecond: 4 } });
    const attempts = Array.from({ length: 12 }, () =>
      openEventStream(node.url, TEST_API_KEY, "counter:c/events"),
    );
    const streams = await Promise.all(attempts);
    const refused = streams.filter(({ response }) => !response.ok);
    expect(refused.length).toBeGreaterThanOrEqual(12 - 2 * 4);
    const [{ response }] = refused as [EventStream];
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({
      code: "rate_limited",
      detail: expect.stringContaining("4 new connections a second on one node"),
    });
    await eventually(async () => {
      const stream = await openEventStream(node.url, TEST_API_KEY, "counter:c/events");
      streams.push(stream);
      expect(stream.response.ok).toBe(true);
    });
    await Promise.all(streams.map((stream) => stream.close()));
  });

  it("a node limits the connections of a user that authenticate at the same time", async () => {
    const node = await start({ connections: { perUser: 3 } }, { GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET });
    const token = await tokenFor("ann");
    const clients = await Promise.all(Array.from({ length: 15 }, () => openWebSocket(node.url, null)));
    const replies = await Promise.all(clients.map(({ call }) => call("connect", { token })));
    const refused = replies.filter(({ ok }) => !ok);
    expect(refused).toHaveLength(12);
    expect(refused[0]).toMatchObject(limited("3 connections of one user"));
    await Promise.all(clients.map((client) => client.close()));
  });

  it("above the limit, a node closes the oldest pre-request sockets and the oldest pending connections of an address", async () => {
    const node = await start({ connections: { waitingPerAddress: 3 } });
    const port = Number(new URL(node.url).port);
    const preRequest = Array.from({ length: 6 }, () => connectTcp(port, "127.0.0.1"));
    const ended = new Set<Socket>();
    for (const socket of preRequest) {
      socket.on("error", () => {});
      socket.on("close", () => ended.add(socket));
    }
    const pending = [];
    const codes: number[] = [];
    for (let at = 0; at < 5; at += 1) {
      const connection = await openWebSocket(node.url, null);
      connection.socket.on("close", (code) => codes.push(code));
      pending.push(connection);
    }
    await eventually(() => expect(ended.size).toBe(3));
    expect(preRequest.slice(0, 3).every((socket) => ended.has(socket))).toBe(true);
    await eventually(() => expect(codes).toEqual([4000, 4000]));
    const { CLOSED, OPEN } = WebSocket;
    const states = pending.map(({ socket }) => socket.readyState);
    expect(states).toEqual([CLOSED, CLOSED, OPEN, OPEN, OPEN]);
    // Pending connections do not prevent other clients from connecting.
    const known = await openSocketIo(node.url, TEST_API_KEY);
    const next = await openWebSocket(node.url, TEST_API_KEY);
    expect(next.connected).toMatchObject({ ok: true });
    for (const socket of preRequest) socket.destroy();
    for (const each of [...pending, next]) each.socket.terminate();
    await known.close();
  });

  it("the default limits allow 150 sockets and 220 connections of one address", async () => {
    const node = await start({});
    const port = Number(new URL(node.url).port);
    const sockets = Array.from({ length: 150 }, () => connectTcp(port, "127.0.0.1"));
    for (const socket of sockets) socket.on("error", () => {});
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    // The node accepts sockets in order, so it has accepted all of them once a later socket gets its
    // response.
    await once(connectTcp(port, "127.0.0.1").end("GET / HTTP/1.0\r\n\r\n").resume(), "close");
    const replies = sockets.map(async (socket) => {
      socket.write("GET /health/live HTTP/1.0\r\n\r\n");
      const [answer] = await Promise.race([once(socket, "data"), once(socket, "close")]);
      return String(answer).slice(0, 15);
    });
    expect((await Promise.all(replies)).filter((reply) => reply !== "HTTP/1.1 200 OK")).toEqual([]);
    const [socketIo, webSockets] = [openSocketIo, openWebSocket].map((open) =>
      Promise.all(Array.from({ length: 110 }, () => open(node.url, TEST_API_KEY))),
    );
    const clients = [...(await socketIo!), ...(await webSockets!)];
    await eventually(() => expect(node.connectionCount()).toBe(220));
    await Promise.all(clients.map((client) => client.close()));
  });

  it("a node limits the open HTTP sockets of one address, except those of a trusted proxy", async () => {
    const limits = { connections: { perAddress: 2, waitingPerAddress: 3 } };
    const node = await start(limits);
    const trusting = await start(limits, { GRANDSTAND_TRUSTED_PROXIES: "127.0.0.0/8" });
    /** @returns the Keep-Alive header of the response on each of ten sockets; undefined for a socket without response */
    const keepAliveHeaders = async ({ url }: TestNode) => {
      const sockets = [];
      const headers: (string | undefined)[] = [];
      for (let at = 0; at < 10; at += 1) {
        const socket = connectTcp(Number(new URL(url).port), "127.0.0.1");
        socket.on("error", () => {});
        socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        const answer = await Promise.race([once(socket, "data"), once(socket, "close")]);
        headers.push(/Keep-Alive: (.*)\r/i.exec(String(answer[0]))?.[1]);
        sockets.push(socket);
      }
      for (const socket of sockets) socket.destroy();
      return headers;
    };
    expect(await keepAliveHeaders(node)).toEqual([
      ...Array(7).fill("timeout=10"),
      ...Array(3).fill(undefined),
    ]);
    expect(await keepAliveHeaders(trusting)).toEqual(Array(10).fill("timeout=10"));
  });
});

it("CH8: a setting limits the channels of one connection", async () => {
  const node = await start({ channelsPerConnection: 2 });
  const client = await openSocketIo(node.url, TEST_API_KEY);
  expect(client.welcome.limits.channelsPerConnection).toBe(2);
  const subscribe = (room: string) => client.call("channel.subscribe", { channel: `chat:${room}` });
  expect(await subscribe("a")).toMatchObject({ ok: true });
  expect(await subscribe("b")).toMatchObject({ ok: true });
  expect(await subscribe("c")).toMatchObject({
    error: { code: "bad_request", issues: [{ rule: "channelsPerConnection" }] },
  });
  await client.close();
});

it("AU5: while Redis is down, a node enforces quotas by itself", async () => {
  const proxy = await freezableProxy(inject("redisUrl"));
  const node = await start({ user: { points: 8 } }, {}, proxy.url);
  const { token } = await newGuest(node.url);
  const client = await openWebSocket(node.url, token);
  proxy.freezeNew();
  proxy.cut();
  const replies = await Promise.all(
    Array.from({ length: 12 }, () => client.call("counter.get", { counter: "c" })),
  );
  const refused = replies.filter((ack) => !ack.ok && ack.error.code === "rate_limited");
  expect(refused).toHaveLength(4);
  proxy.thawNew();
  proxy.cut();
  await client.close();
  await eventually(async () => expect((await fetch(`${node.url}/health/ready`)).status).toBe(200));
  await Promise.all(nodes.map((each) => each.close()));
  nodes = [];
  await proxy.close();
});
