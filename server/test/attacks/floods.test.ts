import { once } from "node:events";
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { heldMib } from "../support/attacks/memory.js";
import { closeOf, exchange, openSocket, requestText } from "../support/attacks/raw-http.js";
import { frame, opcodes, upgraded } from "../support/attacks/raw-websocket.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openWebSocket, type WebSocketClient } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { TEST_API_KEY } from "../support/names.js";

const SOCKET_IO = "/socket.io/?EIO=4&transport=websocket";
/** What a flood may make this process hold, its own sockets included. */
const MOST_GROWTH_MIB = 32;
/** In which a call of somebody else is answered, on a machine with other things to do. */
const MOST_WAIT_MS = 10_000;

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

/** Whatever came: it has ended, and nothing is left of it. */
afterEach(async () => {
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([1, 0]));
  expect(node.faults).toEqual([]);
});

async function expectServed(): Promise<void> {
  const askedAt = performance.now();
  expect(await bystander.call("leaderboard.list")).toMatchObject({ ok: true });
  expect(performance.now() - askedAt).toBeLessThan(MOST_WAIT_MS);
}

function repeated(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

/** Writes the same again and again, as fast as it is taken, until so much was or the connection is closed. */
async function flood(socket: Socket, bytes: Buffer, mostMib: number): Promise<void> {
  const closed = closeOf(socket);
  for (let sent = 0; sent < mostMib * 1_048_576 && !socket.destroyed; sent += bytes.length) {
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
  ["namespaces that are not there", SOCKET_IO, joinSocketIo, frame("40/nowhere,"), 4],
  ["events", SOCKET_IO, joinSocketIo, frame('421["nothing",{}]'), 4],
  ["wrong credentials, again and again", SOCKET_IO, Buffer.alloc(0), frame('40{"token":"gss_wrong"}'), 4],
])(
  "CH7: a flood of %s, whose answers nobody reads, holds bounded memory, and others are served",
  async (_of, path, first, bytes, mostMib) => {
    const before = heldMib();
    const socket = await upgraded(node.port, path, path === "/v1/ws" ? TEST_API_KEY : undefined);
    // Nothing is read from here on.
    socket.pause();
    socket.write(first);
    await flood(socket, repeated(bytes, 200), mostMib);
    await expectServed();
    expect(heldMib() - before).toBeLessThan(MOST_GROWTH_MIB);
    socket.destroy();
  },
);

it("connections that come and go, on every transport, leave nothing", async () => {
  const { token } = await newGuest(node.url);
  const before = heldMib();
  const comeAndGo = async () => {
    for (let round = 0; round < 10; round += 1) {
      const plain = await openWebSocket(node.url, token);
      plain.socket.terminate();
      const left = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
      left.resetAndDestroy();
      const { socket } = await openSocketIo(node.url, token);
      socket.disconnect();
      const stream = await openSocket(node.port);
      const headers = [["authorization", `Bearer ${token}`]] as const;
      stream.write(requestText("GET /v1/channels/counter%3Ax/events", headers));
      if (round % 2 === 0) await once(stream, "data");
      stream.destroy();
    }
  };
  await Promise.all([...Array.from({ length: 8 }, comeAndGo), expectServed()]);
  await expectServed();
  expect(heldMib() - before).toBeLessThan(MOST_GROWTH_MIB);
});

it("CH8: one that subscribes and unsubscribes without waiting follows in the end what it asked for last", async () => {
  const client = await openWebSocket(node.url, TEST_API_KEY);
  const answers: Promise<unknown>[] = [];
  for (let round = 0; round < 500; round += 1) {
    for (const channel of ["counter:a", `counter:b${round % 7}`, "chat:c", "leaderboard:none"]) {
      answers.push(client.call("channel.subscribe", { channel }));
      answers.push(client.call("channel.unsubscribe", { channel }));
    }
    if (round % 50 === 0) await expectServed();
  }
  answers.push(client.call("channel.subscribe", { channel: "counter:a" }));
  const all = await Promise.all(answers);
  expect(all.at(-1)).toMatchObject({ ok: true });
  expect(all.filter((answer) => JSON.stringify(answer).includes('"internal"'))).toEqual([]);
  await eventually(() => expect(node.channelCount()).toBe(1));
  await client.close();
});

it("T3: sockets that never say who they are end by themselves, and cost others nothing", async () => {
  const before = heldMib();
  const paths = ["/v1/ws", SOCKET_IO];
  const sockets = await Promise.all(
    Array.from({ length: 400 }, (_, at) => upgraded(node.port, paths[at % paths.length]!)),
  );
  await expectServed();
  for (const socket of sockets) {
    // The server's first word is its farewell, or Engine.IO's greeting, after which it ends without one.
    socket.on("data", () => socket.write(frame("", { opcode: opcodes.close })));
  }
  await Promise.all(sockets.map(closeOf));
  expect(heldMib() - before).toBeLessThan(MOST_GROWTH_MIB);
});

it("requests for what is not there, and with what is not valid, leave nothing in memory", async () => {
  const ask = async (at: number) => {
    const headers = [["authorization", `Bearer gss_${at}`]] as const;
    await exchange(node.port, requestText(`GET /v1/leaderboards/b${at}/entries?cursor=${at}`, headers));
    await bystander.call("leaderboard.entry", { board: `b${at}`, member: `m${at}` });
    await bystander.call("counter.get", { counter: `c${at}` });
    await bystander.call("chat.history", { room: `r${at}` });
  };
  await Promise.all(Array.from({ length: 50 }, (_, at) => ask(at)));
  const before = heldMib();
  for (let from = 50; from < 1_000; from += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => ask(from + at)));
  }
  expect(heldMib() - before).toBeLessThan(MOST_GROWTH_MIB);
});
