import { once } from "node:events";
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { usedHeapMib } from "../support/attacks/memory.js";
import { exchange, openSocket, requestText, untilClosed } from "../support/attacks/raw-http.js";
import { frame, opcodes, upgraded } from "../support/attacks/raw-websocket.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openWebSocket, type WebSocketClient } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { TEST_API_KEY } from "../support/names.js";

const SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";
/** How much a flood may increase the memory of this process, which holds the test's own sockets too. */
const MAX_GROWTH_MIB = 32;
/** How long a call of another client may take on a busy machine. */
const MAX_REPLY_MS = 10_000;

let node: AttackedNode;
let bystander: WebSocketClient;

beforeAll(async () => {
  node = await startAttackedNode();
  bystander = await openWebSocket(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await bystander.close();
  await node.close();
});

/** After each test only the bystander's connection is left, and the node has logged no error. */
afterEach(async () => {
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([1, 0]));
  expect(node.loggedErrors).toEqual([]);
});

async function expectServed(): Promise<void> {
  const askedAt = performance.now();
  expect(await bystander.call("leaderboard.list")).toMatchObject({ ok: true });
  expectWithin(MAX_REPLY_MS, askedAt);
}

function repeated(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

/** Writes the same bytes as fast as the node reads them, up to a size or until the connection is closed. */
async function flood(socket: Socket, bytes: Buffer, maxMib: number): Promise<void> {
  const closed = untilClosed(socket);
  for (let sent = 0; sent < maxMib * 1_048_576 && !socket.destroyed; sent += bytes.length) {
    if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), closed, expectServed()]);
  }
}

const joinSocketIo = frame(`40${JSON.stringify({ token: TEST_API_KEY })}`);

it.each<[string, string, Buffer, Buffer, number]>([
  ["pings", "/v1/ws", Buffer.alloc(0), frame("x".repeat(125), { opcode: opcodes.ping }), 16],
  ["calls", "/v1/ws", Buffer.alloc(0), frame('{"id":1,"op":"nothing"}'), 4],
  [
    "pings of Socket.IO's WebSocket",
    SOCKET_IO,
    joinSocketIo,
    frame("x".repeat(125), { opcode: opcodes.ping }),
    16,
  ],
  ["connect packets for unknown namespaces", SOCKET_IO, joinSocketIo, frame("40/nowhere,"), 4],
  ["events", SOCKET_IO, joinSocketIo, frame('421["nothing",{}]'), 4],
  ["wrong credentials", SOCKET_IO, Buffer.alloc(0), frame('40{"token":"gss_wrong"}'), 4],
])(
  "CH7: a client that floods the node with %s and reads no reply uses bounded memory and does not block other clients",
  async (_of, path, first, bytes, maxMib) => {
    const before = usedHeapMib();
    const socket = await upgraded(node.port, path, path === "/v1/ws" ? TEST_API_KEY : undefined);
    // The client reads nothing from here on.
    socket.pause();
    socket.write(first);
    await flood(socket, repeated(bytes, 200), maxMib);
    await expectServed();
    expect(usedHeapMib() - before).toBeLessThan(MAX_GROWTH_MIB);
    socket.destroy();
  },
);

it("connections over WebSocket, Socket.IO and SSE that break are removed, and memory stays bounded", async () => {
  const { token } = await newGuest(node.url);
  const before = usedHeapMib();
  const openAndBreakOff = async () => {
    for (let round = 0; round < 10; round += 1) {
      const plain = await openWebSocket(node.url, token);
      plain.socket.terminate();
      const reset = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
      reset.resetAndDestroy();
      const { socket } = await openSocketIo(node.url, token);
      socket.disconnect();
      const stream = await openSocket(node.port);
      const headers = [["authorization", `Bearer ${token}`]] as const;
      stream.write(requestText("GET /v1/channels/counter%3Ax/events", headers));
      if (round % 2 === 0) await once(stream, "data");
      stream.destroy();
    }
  };
  await Promise.all([...Array.from({ length: 8 }, openAndBreakOff), expectServed()]);
  await expectServed();
  expect(usedHeapMib() - before).toBeLessThan(MAX_GROWTH_MIB);
});

it("CH8: when a client sends many subscribe and unsubscribe calls without waiting for replies, the last call decides", async () => {
  const client = await openWebSocket(node.url, TEST_API_KEY);
  const replies: Promise<unknown>[] = [];
  for (let round = 0; round < 500; round += 1) {
    for (const channel of ["counter:a", `counter:b${round % 7}`, "chat:c", "leaderboard:none"]) {
      replies.push(client.call("channel.subscribe", { channel }));
      replies.push(client.call("channel.unsubscribe", { channel }));
    }
    if (round % 50 === 0) await expectServed();
  }
  replies.push(client.call("channel.subscribe", { channel: "counter:a" }));
  const all = await Promise.all(replies);
  expect(all.at(-1)).toMatchObject({ ok: true });
  expect(all.filter((reply) => JSON.stringify(reply).includes('"internal"'))).toEqual([]);
  await eventually(() => expect(node.channelCount()).toBe(1));
  await client.close();
});

it("T3: connections that never authenticate are closed, and other clients are served meanwhile", async () => {
  const before = usedHeapMib();
  const paths = ["/v1/ws", SOCKET_IO];
  const sockets = await Promise.all(
    Array.from({ length: 400 }, (_, at) => upgraded(node.port, paths[at % paths.length]!)),
  );
  await expectServed();
  for (const socket of sockets) {
    // On `/v1/ws` the node's first frame is the close notice. On Socket.IO it is the Engine.IO handshake, and no close
    // notice follows.
    socket.on("data", () => socket.write(frame("", { opcode: opcodes.close })));
  }
  await Promise.all(sockets.map(untilClosed));
  expect(usedHeapMib() - before).toBeLessThan(MAX_GROWTH_MIB);
});

it("requests for unknown ids and with invalid cursors leave memory bounded", async () => {
  const request = async (at: number) => {
    const headers = [["authorization", `Bearer gss_${at}`]] as const;
    await exchange(node.port, requestText(`GET /v1/leaderboards/b${at}/entries?cursor=${at}`, headers));
    await bystander.call("leaderboard.entry", { board: `b${at}`, member: `m${at}` });
    await bystander.call("counter.get", { counter: `c${at}` });
    await bystander.call("chat.history", { room: `r${at}` });
  };
  await Promise.all(Array.from({ length: 50 }, (_, at) => request(at)));
  const before = usedHeapMib();
  for (let from = 50; from < 1_000; from += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => request(from + at)));
  }
  expect(usedHeapMib() - before).toBeLessThan(MAX_GROWTH_MIB);
});
