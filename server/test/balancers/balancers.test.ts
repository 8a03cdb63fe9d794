import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:http2";
import { setTimeout } from "node:timers/promises";
import type { Welcome } from "@grandstand/shared/frames";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { dataOf } from "../support/acks.js";
import { type Balancer, balancerKinds, PATH_PREFIX } from "../support/balancers/balancer.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openEventStream, type ServerSentEvent } from "../support/drivers/sse-driver.js";
import { openWebSocket, type WebSocketClient } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";

const settings = {
  GRANDSTAND_PREFIX: freshPrefix(),
  GRANDSTAND_TRUSTED_PROXIES: "127.0.0.1",
  // All limits are off except the one on refused credentials per client address. Its refusals show which address the
  // node takes as the client's.
  GRANDSTAND_LIMITS: JSON.stringify({
    ...Object.fromEntries(
      ["user", "address", "connection", "connections", "creations"].map((part) => [part, "off"]),
    ),
    failures: { points: 6, windowSeconds: 60 },
  }),
};
const startNodeHere = (port = "0") => startTestNode({ ...settings, PORT: port }, inject("redisUrl"));
const portOf = ({ url }: TestNode) => Number(new URL(url).port);

let nodes: TestNode[];

beforeAll(async () => {
  nodes = await Promise.all([startNodeHere(), startNodeHere(), startNodeHere()]);
});

afterAll(() => Promise.all(nodes.map((node) => node.close())));

/** Opens connections. @returns the clients, and the ids of the nodes that accepted them */
async function openMany(
  url: string,
  count: number,
): Promise<{ clients: WebSocketClient[]; nodeIds: Set<string> }> {
  const clients = await Promise.all(Array.from({ length: count }, () => openWebSocket(url, TEST_API_KEY)));
  return { clients, nodeIds: new Set(clients.map(({ connected }) => dataOf(connected!).nodeId)) };
}

/** Sends a request with a wrong token from a given loopback address. @returns the HTTP status */
async function refusedFrom(url: string, localAddress: string, forwardedFor: string): Promise<number> {
  const headers = { authorization: "Bearer gss_wrong", "x-forwarded-for": forwardedFor };
  const request = get(`${url}/v1/leaderboards`, { localAddress, headers, agent: false });
  const [response] = await once(request, "response");
  response.resume();
  return response.statusCode;
}

describe.each(balancerKinds)("behind $name", ({ name, program, start }) => {
  // The tests are skipped if the program is not installed. `npm test` installs it where it can.
  const test = it.skipIf(program === undefined);
  let balancer: Balancer;

  beforeAll(async () => {
    if (program !== undefined) balancer = await start(nodes.map(portOf));
  });

  afterAll(() => balancer?.stop());

  test("OP4: WebSockets go to all nodes, and clients of different nodes share a room", async () => {
    const { clients, nodeIds } = await openMany(balancer.url, 9);
    expect(nodeIds.size).toBe(3);
    const room = freshId("room");
    for (const client of clients) await client.call("channel.subscribe", { channel: `chat:${room}` });
    await clients[0]!.call("chat.send", { room, text: "Hello" });
    await eventually(() => expect(clients.every(({ pushes }) => pushes.length === 1)).toBe(true));
    await Promise.all(clients.map((client) => client.close()));
  });

  test.each([
    ["long-polling", ["polling"], "polling"],
    ["long-polling that is upgraded", ["polling", "websocket"], "websocket"],
    ["a WebSocket", ["websocket"], "websocket"],
  ])("OP4: Socket.IO works over %s", async (_what, transports, transport) => {
    const sockets = Array.from({ length: 4 }, () =>
      io(balancer.url, { auth: { token: TEST_API_KEY }, transports, forceNew: true, reconnection: false }),
    );
    const welcomes = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<Welcome>((resolve, reject) => {
            socket.on("welcome", resolve);
            socket.on("connect_error", reject);
          }),
      ),
    );
    for (const socket of sockets) {
      for (let call = 0; call < 5; call += 1)
        expect(await socket.emitWithAck("leaderboard.list", {})).toMatchObject({ ok: true });
      await eventually(() => expect(socket.io.engine.transport.name).toBe(transport));
    }
    // The balancer sends all long-polling sessions from one address to the same node.
    const nodeCount = new Set(welcomes.map(({ nodeId }) => nodeId)).size;
    if (transports[0] === "polling") expect(nodeCount).toBe(1);
    else expect(nodeCount).toBeGreaterThan(1);
    for (const socket of sockets) socket.disconnect();
  });

  test("T5: event streams are neither buffered nor compressed", async () => {
    const room = freshId("room");
    const stream = await openEventStream(balancer.url, TEST_API_KEY, `chat:${room}/events`, {
      "accept-encoding": "gzip, br",
    });
    expect(stream.response.headers.get("content-encoding")).toBeNull();
    expect(stream.response.headers.get("cache-control")).toContain("no-transform");
    const namesOf = (events: ServerSentEvent[]) => events.map(({ event }) => event);
    await eventually(() => expect(namesOf(stream.events)).toEqual(["subscribed"]));
    const server = await restDriver.open(balancer.url, TEST_API_KEY);
    for (let sent = 1; sent <= 3; sent += 1) {
      await server.call("chat.send", { room, text: `${sent}` });
      await eventually(() => expect(stream.events).toHaveLength(1 + sent));
    }
    await stream.close();
  });

  test("OP4: REST, WebSocket and Socket.IO work under a path prefix", async () => {
    const url = `${balancer.url}${PATH_PREFIX}`;
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const server = await restDriver.open(url, TEST_API_KEY);
    expect(await server.call("leaderboard.list")).toMatchObject({ ok: true });
    const { clients } = await openMany(url, 1);
    expect(await clients[0]!.call("leaderboard.list")).toMatchObject({ ok: true });
    await clients[0]!.close();
    const socket = io(balancer.url, {
      path: `${PATH_PREFIX}/socket.io`,
      auth: { token: TEST_API_KEY },
      forceNew: true,
    });
    expect(await socket.emitWithAck("leaderboard.list", {})).toMatchObject({ ok: true });
    socket.disconnect();
  });

  // Only Linux accepts every address of 127.0.0.0/8 as the local address of a client.
  it.skipIf(program === undefined || process.platform !== "linux")(
    "OP4: the node takes the address of a client from the balancer, and not from a header of the client",
    async () => {
      const [guesser, other] = name === "nginx" ? ["127.0.1.1", "127.0.1.2"] : ["127.0.2.1", "127.0.2.2"];
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 40 && statuses.at(-1) !== 429; attempt += 1)
        statuses.push(await refusedFrom(balancer.url, guesser, `203.0.113.${attempt}`));
      expect(statuses[0]).toBe(401);
      expect(statuses.at(-1)).toBe(429);
      expect(await refusedFrom(balancer.url, other, guesser)).toBe(401);
    },
  );

  test("OP4: calls and event streams work over HTTP/2", async () => {
    const session = connect(balancer.tlsUrl, { rejectUnauthorized: false });
    const authorization = `Bearer ${TEST_API_KEY}`;
    const call = session.request({ ":path": "/v1/leaderboards", authorization });
    expect((await once(call, "response"))[0][":status"]).toBe(200);
    const room = freshId("room");
    const events = session.request({ ":path": `/v1/channels/chat:${room}/events`, authorization });
    expect((await once(events, "response"))[0]).toMatchObject({
      ":status": 200,
      "content-type": "text/event-stream; charset=utf-8",
    });
    expect(String((await once(events, "data"))[0])).toContain("event: subscribed");
    events.close();
    if (name === "haproxy") {
      // Browsers open WebSockets over HTTP/2 (RFC 8441) if the server offers that. HAProxy does, nginx does not.
      await eventually(() => expect(session.remoteSettings.enableConnectProtocol).toBe(true));
      const socket = session.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":authority": new URL(balancer.tlsUrl).host,
        ":path": "/v1/ws",
        "sec-websocket-version": "13",
        authorization,
      });
      expect((await once(socket, "response"))[0][":status"]).toBe(200);
      socket.close();
    }
    session.close();
  });

  test("OP2: while a node is drained and replaced, no call fails, and new connections reach the other nodes", async () => {
    const board = freshId("board");
    const server = await restDriver.open(balancer.url, TEST_API_KEY);
    await server.call("leaderboard.configure", { board, operator: "sum" });
    const failures: unknown[] = [];
    let submits = 0;
    let isOver = false;
    const submitting = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        // If the balancer answers with its own error page, parsing the page as JSON fails.
        const submitted = await server
          .call("leaderboard.submit", { board, member: "ann", score: 1, idempotencyKey: randomUUID() })
          .catch((error: Error) => ({ ok: false as const, error }));
        if (submitted.ok) submits += 1;
        else failures.push(submitted.error);
      }
    });
    const [stopped] = nodes as [TestNode];
    stopped.drain();
    // HAProxy polls the readiness of the node; nginx notices only that the port is closed.
    if (name === "haproxy") {
      await eventually(async () => {
        const { clients, nodeIds } = await openMany(balancer.url, 6);
        await Promise.all(clients.map((client) => client.close()));
        expect(nodeIds.size).toBe(2);
      });
    }
    // A stopping node makes this pause between drain and close. In the pause, the balancer closes its idle connections
    // to the node. A request on an idle connection could be lost when the node closes.
    await setTimeout(500);
    await stopped.close();
    const { clients, nodeIds } = await openMany(balancer.url, 6);
    expect(nodeIds.size).toBe(2);
    await Promise.all(clients.map((client) => client.close()));
    nodes[0] = await startNodeHere(String(portOf(stopped)));
    await eventually(async () => {
      const opened = await openMany(balancer.url, 6);
      await Promise.all(opened.clients.map((client) => client.close()));
      expect(opened.nodeIds.size).toBe(3);
    });
    isOver = true;
    await Promise.all(submitting);
    expect(failures, balancer.output()).toEqual([]);
    // Each submit adds 1 to the score. So if the score equals `submits`, no submit was carried out twice.
    expect(dataOf(await server.call("leaderboard.entry", { board, member: "ann" })).score).toBe(submits);
  });

  test("`/metrics` can't be reached through the balancer", async () => {
    expect((await fetch(`${balancer.url}/metrics`)).status).toBe(404);
  });
});
