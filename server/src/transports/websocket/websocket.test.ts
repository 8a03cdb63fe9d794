import { once } from "node:events";
import { type AddressInfo, createConnection } from "node:net";
import type { GrandstandError } from "@grandstand/shared/errors";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { newGuest } from "../../../test/support/accounts.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { TEST_API_KEY } from "../../../test/support/names.js";
import { redisClient } from "../../../test/support/redis-client.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { ConnectionCounts } from "../../limits/connection-counts.js";
import { Connections } from "../../live/connections.js";
import { EncodedBroadcaster } from "../broadcaster.js";
import { encodePush, type WebSocketServices, WebSocketSession } from "./session.js";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});

afterAll(() => node.close());

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(socket, "close");
  return { code, reason: String(reason) };
}

it("T3, T8: the reply to the first frame, `connect`, is the welcome", async () => {
  const client = await openWebSocket(node.url, TEST_API_KEY);
  expect(client.connected).toMatchObject({
    ok: true,
    data: { connectionId: expect.any(String), nodeId: expect.any(String), user: null, limits: {} },
  });
  await client.close();
});

it("T3: frames that are sent right after `connect` wait for its reply", async () => {
  const client = await openWebSocket(node.url, null);
  const connected = client.call("connect", { token: TEST_API_KEY });
  const listed = client.call("leaderboard.list");
  expect(await connected).toMatchObject({ ok: true });
  expect(await listed).toMatchObject({ ok: true });
  await client.close();
});

it("T3: of several `connect` frames the first valid one sets the caller", async () => {
  const [ann, bob] = await Promise.all(["Ann", "Bob"].map((name) => newGuest(node.url, name)));
  const client = await openWebSocket(node.url, null);
  const answers = await Promise.all([
    client.call("connect"),
    client.call("connect", { token: ann!.token }),
    client.call("connect", { token: bob!.token }),
    client.call("connect"),
  ]);
  const welcomed = { ok: true, data: { user: { name: "Ann" } } };
  expect(answers).toMatchObject([
    { error: { code: "bad_request" } },
    welcomed,
    { error: { code: "conflict" } },
    welcomed,
  ]);
  await client.close();
});

it("T3: frames after a refused `connect` are not carried out", async () => {
  const client = await openWebSocket(node.url, null);
  const closing = closeOf(client.socket);
  const answered: string[] = [];
  void client.call("connect", { token: "wrong" }).then(() => answered.push("wrong"));
  void client.call("connect", { token: TEST_API_KEY }).then(() => answered.push("right"));
  void client.call("leaderboard.list").then(() => answered.push("call"));
  expect((await closing).code).toBe(4502);
  expect(answered).toEqual(["wrong"]);
});

it("T3: no `connect` is needed when an `Authorization: Bearer` header came with the upgrade", async () => {
  const client = await openWebSocket(node.url, null, { authorization: `Bearer ${TEST_API_KEY}` });
  expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
  expect(await client.call("connect")).toMatchObject({
    ok: true,
    data: { connectionId: expect.any(String) },
  });
  expect(await client.call("connect", { token: TEST_API_KEY })).toMatchObject({
    error: { code: "conflict" },
  });
  await client.close();
});

it("a wrong token in a header is refused before the upgrade; in `connect` it closes the connection with 4502", async () => {
  const refused = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws`, {
    headers: { authorization: "Bearer wrong" },
  });
  const [error] = await once(refused, "error");
  expect(error.message).toContain("401");

  const client = await openWebSocket(node.url, null);
  const closing = closeOf(client.socket);
  expect(await client.call("connect", { token: "wrong" })).toMatchObject({
    error: { code: "unauthenticated" },
  });
  expect(await closing).toEqual({ code: 4502, reason: "credentials refused" });
});

it("`connect` names the fields that it refuses, and a connection without a caller needs a token", async () => {
  const client = await openWebSocket(node.url, null);
  const refusalOf = async (data: object) => {
    const ack = await client.call("connect", data);
    return ack.ok ? null : [ack.error.code, ack.error.message, ack.error.issues?.map(({ path }) => path)];
  };
  const unknown = ["bad_request", "extra is not a known field", ["extra"]];
  expect(await refusalOf({})).toEqual(["bad_request", "connect needs a token", ["token"]]);
  expect(await refusalOf({ token: 7 })).toEqual(["bad_request", "token must be a string", ["token"]]);
  expect(await refusalOf({ token: TEST_API_KEY, extra: 1 })).toEqual(unknown);
  expect(await client.call("connect", { token: TEST_API_KEY })).toMatchObject({ ok: true });
  expect(await refusalOf({ extra: 1 })).toEqual(unknown);
  await client.close();
});

it("T3: a call before `connect` is `unauthenticated`, and a connection without a valid `connect` closes after 5 s", async () => {
  const openedAt = performance.now();
  const client = await openWebSocket(node.url, null);
  const closing = closeOf(client.socket);
  expect(await client.call("leaderboard.list")).toMatchObject({ error: { code: "unauthenticated" } });
  expect(await client.call("connect", {})).toMatchObject({ error: { code: "bad_request" } });
  expect(await closing).toMatchObject({ code: 4000 });
  expect(performance.now() - openedAt).toBeGreaterThan(4_900);
});

it("T3: a frame that can't be read is answered with `id: null`; ten in a row close the connection", async () => {
  const client = await openWebSocket(node.url, TEST_API_KEY);
  const unreadable = ["{", "7", "[]", '{"op":"x"}', '{"id":1}', '{"id":{},"op":"x"}', "null", '""', "{}"];
  for (const frame of unreadable) client.socket.send(frame);
  await eventually(() => expect(client.strays).toHaveLength(9));
  expect(client.strays[0]).toMatchObject({ id: null, ok: false, error: { code: "bad_request" } });
  // A readable frame resets the count.
  expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
  for (const frame of unreadable) client.socket.send(frame);
  expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
  const closing = closeOf(client.socket);
  for (const frame of unreadable) client.socket.send(frame);
  client.socket.send(Buffer.from([1, 2, 3]));
  expect(await closing).toMatchObject({ code: 4500 });
});

it("a frame over 1 MiB closes with 1009", async () => {
  const client = await openWebSocket(node.url, TEST_API_KEY);
  const closing = closeOf(client.socket);
  client.socket.send("x".repeat(1024 * 1024 + 1));
  expect((await closing).code).toBe(1009);
});

it("T7: draining closes with 4009", async () => {
  const other = await startTestNode();
  const client = await openWebSocket(other.url, TEST_API_KEY);
  const closing = closeOf(client.socket);
  await other.close();
  expect(await closing).toEqual({ code: 4009, reason: "draining" });
});

it("plain WebSocket and Socket.IO share one port, each with its own upgrades", async () => {
  const [plain, socketIo] = await Promise.all([
    openWebSocket(node.url, TEST_API_KEY),
    openSocketIo(node.url, TEST_API_KEY),
  ]);
  expect(socketIo.socket.io.engine.transport.name).toBe("websocket");
  expect(await plain.call("leaderboard.list")).toMatchObject({ ok: true });
  await Promise.all([plain.close(), socketIo.close()]);
  const elsewhere = new WebSocket(`${node.url.replace("http", "ws")}/v1/nothing`);
  const [error] = await once(elsewhere, "error");
  expect(error.message).toContain("404");
});

it("T3: a second `connect` is a `conflict`, also when it is sent before the reply to the first", async () => {
  const client = await openWebSocket(node.url, null);
  const acks = await Promise.all([
    client.call("connect", { token: TEST_API_KEY }),
    client.call("connect", { token: "other" }),
  ]);
  expect(acks).toMatchObject([{ ok: true }, { ok: false, error: { code: "conflict" } }]);
  await client.close();
});

describe("a ping", () => {
  let server: WebSocketServer;

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
  });

  afterEach(() => server.close());

  const services = {
    broadcaster: new EncodedBroadcaster(encodePush, () => {}),
    connections: new Connections(new ConnectionCounts(null), { onClosed() {}, onCallerChanged() {} }),
    dispatcher: { refusal: (error: GrandstandError) => wireErrorOf(error) } as unknown as Dispatcher,
  } as WebSocketServices;

  async function serve(autoPong: boolean) {
    const accepted = once(server, "connection");
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { autoPong });
    const [[socket]] = await Promise.all([accepted, once(client, "open")]);
    const caller = { kind: "server", keyName: "test" } as const;
    return { client, socket, session: new WebSocketSession(socket, caller, "127.0.0.1", services) };
  }

  it("terminates a session that did not answer the last ping, and keeps a session that did", async () => {
    const lively = await serve(true);
    const dead = await serve(false);
    const closing = closeOf(dead.client);
    const pinged = once(lively.client, "ping");
    for (const { session } of [lively, dead]) session.ping();
    await pinged;
    await eventually(() => expect(lively.session.isAlive).toBe(true));
    for (const { session } of [lively, dead]) session.ping();
    expect((await closing).code).toBe(1006);
    expect(lively.client.readyState).toBe(WebSocket.OPEN);
    lively.client.terminate();
  });

  it("AU5: terminates a session whose frame has been incomplete since the last ping, even if it answers pings", async () => {
    const stuck = await serve(true);
    const slow = await serve(true);
    const closing = closeOf(stuck.client);
    const both = [stuck, slow];
    for (const { client } of both) {
      client.send("half of a mess", { fin: false });
      const arrived = once(client, "pong");
      client.ping();
      await arrived;
    }
    const ping = async () => {
      const ponged = both.map(({ socket }) => once(socket, "pong"));
      for (const { session } of both) session.ping();
      await Promise.all(ponged);
    };
    await ping();
    slow.client.send("age", { fin: true });
    const [answer] = await once(slow.client, "message");
    expect(String(answer)).toContain("bad_request");
    slow.client.send("and one more", { fin: false });
    const ponged = once(slow.socket, "pong");
    for (const { session } of both) session.ping();
    await ponged;
    expect((await closing).code).toBe(1006);
    expect(slow.client.readyState).toBe(WebSocket.OPEN);
    slow.client.terminate();
  });
});

it("an upgrade that is not to a WebSocket at /v1/ws or of Socket.IO is answered as a plain request", async () => {
  const request = (upgrade: string, path: string, body = "") =>
    new Promise<string>((resolve) => {
      const socket = createConnection(Number(new URL(node.url).port), "127.0.0.1");
      socket.write(
        `${body === "" ? "GET" : "PUT"} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n` +
          `Upgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABk\r\nX-Api-Key: ${TEST_API_KEY}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      socket.once("data", (data) => {
        socket.destroy();
        resolve(String(data));
      });
    });
  expect(await request("h2c", "/v1/leaderboards")).toMatch(/^HTTP\/1.1 200 OK[\s\S]*"boards"/);
  expect(await request("h2c", "/v1/leaderboards/b", '{"max":7}')).toMatch(/^HTTP\/1.1 200 OK[\s\S]*"max":7/);
  expect(await request("websocket", "/v1/leaderboards")).toMatch(/^HTTP\/1.1 200 OK/);
});

it("an upgrade to an unknown path neither stops the node nor delays its shutdown", async () => {
  const other = await startTestNode();
  const port = Number(new URL(other.url).port);
  // `//` and `http://` name the root page, which answers without an upgrade.
  const targets = ["//", "http://", "/x/../socket.io/?EIO=4&transport=websocket", "*", "/v1/ws/"];
  for (const target of targets) {
    const socket = createConnection(port, "127.0.0.1");
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    const [answer] = await once(socket, "data");
    const isRoot = target === "//" || target === "http://";
    expect(String(answer)).toMatch(isRoot ? /^HTTP\/1.1 [24]\d\d/ : /^HTTP\/1.1 4\d\d/);
    await once(socket, "close");
  }
  const startedAt = performance.now();
  await other.close();
  // A node that closes waits up to 5 s for running requests. Here it must not wait.
  expect(performance.now() - startedAt).toBeLessThan(4_500);
});

it("data that is not HTTP is refused with a problem document", async () => {
  const socket = createConnection(Number(new URL(node.url).port), "127.0.0.1");
  socket.write("HELLO\r\n\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 400[\s\S]*problem\+json[\s\S]*"code":"bad_request"/);
  await once(socket, "close");
});

it("a call that runs after its connection has closed leaves no subscription", async () => {
  const redis = redisClient();
  const { token } = await newGuest(node.url);
  const other = await startTestNode({ GRANDSTAND_PREFIX: node.prefix });
  const owner = await openWebSocket(other.url, TEST_API_KEY);
  await owner.call("leaderboard.configure", { board: "late" });
  await owner.close();
  await eventually(() => expect(other.connectionCount()).toBe(0));
  const client = await openWebSocket(other.url, null);
  // Redis is paused so that the connection closes before the session is looked up.
  await redis.call("CLIENT", "PAUSE", "300", "ALL");
  client.socket.send(JSON.stringify({ id: 1, op: "connect", data: { token } }));
  client.socket.send(
    JSON.stringify({ id: 2, op: "channel.subscribe", data: { channel: "leaderboard:late" } }),
  );
  await eventually(() => expect(client.socket.bufferedAmount).toBe(0));
  client.socket.terminate();
  await eventually(() => expect(other.connectionCount()).toBe(0));
  await redis.ping();
  const again = await openWebSocket(other.url, TEST_API_KEY);
  expect(await again.call("leaderboard.get", { board: "late" })).toMatchObject({ ok: true });
  await again.close();
  await eventually(() => expect(other.channelCount()).toBe(0));
  redis.disconnect();
  await other.close();
});

it("a connection that its client resets is removed", async () => {
  const socket = createConnection(Number(new URL(node.url).port), "127.0.0.1");
  socket.write(
    "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await once(socket, "data");
  await eventually(() => expect(node.connectionCount()).toBe(1));
  socket.resetAndDestroy();
  await eventually(() => expect(node.connectionCount()).toBe(0));
});
