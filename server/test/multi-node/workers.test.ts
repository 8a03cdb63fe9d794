import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Welcome } from "@grandstand/shared/frames";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf } from "../support/acks.js";
import { openWebSocket, type WebSocketClient } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { isAlive } from "../support/is-alive.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";

const PER_USER = 3;
const PER_ADDRESS = 40;

let primary: NodeProcess;

beforeAll(async () => {
  primary = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: {
      GRANDSTAND_WORKERS: "2",
      GRANDSTAND_LIMITS: JSON.stringify({
        ...Object.fromEntries(["user", "address", "failures", "connection"].map((part) => [part, "off"])),
        connections: { perUser: PER_USER, perAddress: PER_ADDRESS },
      }),
    },
  });
});

afterAll(() => primary.stop());

interface ListeningWorker {
  pid: number;
  node: string;
}

/** All workers that have started to listen so far, including those that ended. */
function workers(): ListeningWorker[] {
  const lines = primary.output.filter((line) => line.includes('"msg":"a worker listens"'));
  return lines.map((line) => JSON.parse(line));
}

function open(count: number, token: string = TEST_API_KEY): Promise<WebSocketClient[]> {
  return Promise.all(Array.from({ length: count }, () => openWebSocket(primary.url, token)));
}

async function closeAll(clients: { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
}

async function readiness() {
  const response = await fetch(`${primary.url}/health/ready`);
  return { status: response.status, ...(await response.json()).workers };
}

function welcomeOf(socket: Socket): Promise<Welcome> {
  return new Promise((resolve, reject) => {
    socket.on("welcome", resolve);
    socket.on("connect_error", reject);
  });
}

it("OP6: workers are nodes behind one port, and clients of different workers share a room", async () => {
  const clients = await open(6);
  expect(new Set(clients.map(({ connected }) => dataOf(connected!).nodeId)).size).toBe(2);
  const room = freshId("room");
  for (const client of clients) await client.call("channel.subscribe", { channel: `chat:${room}` });
  await clients[0]!.call("chat.send", { room, text: "Hello" });
  await eventually(() => expect(clients.every(({ pushes }) => pushes.length === 1)).toBe(true));
  await closeAll(clients);
});

it.each([
  ["long-polling", ["polling"], "polling"],
  ["long-polling that is upgraded", ["polling", "websocket"], "websocket"],
])(
  "OP6: Socket.IO works by %s, whichever worker receives a request",
  async (_what, transports, transport) => {
    const sockets = Array.from({ length: 6 }, () =>
      io(primary.url, { auth: { token: TEST_API_KEY }, transports, forceNew: true, reconnection: false }),
    );
    const welcomes = await Promise.all(sockets.map(welcomeOf));
    expect(new Set(welcomes.map(({ nodeId }) => nodeId)).size).toBe(2);
    for (const socket of sockets) {
      for (let call = 0; call < 4; call += 1)
        expect(await socket.emitWithAck("leaderboard.list", {})).toMatchObject({ ok: true });
      await eventually(() => expect(socket.io.engine.transport.name).toBe(transport));
    }
    for (const socket of sockets) socket.disconnect();
  },
);

it("OP6: a Socket.IO session whose worker has ended is refused, so that its client starts another session", async () => {
  const response = await fetch(`${primary.url}/socket.io/?EIO=4&transport=polling&sid=999.gone`);
  expect([response.status, await response.json()]).toEqual([400, { code: 1, message: "Session ID unknown" }]);
});

it("OP6 AU5: the connections of a user and of an address are counted over all workers", async () => {
  const { token } = await newGuest(primary.url);
  const first = await open(PER_USER, token);
  expect(first.every(({ connected }) => connected?.ok)).toBe(true);
  // The workers exchange their numbers of connections a moment later.
  await eventually(async () => {
    const [late] = await open(1, token);
    late!.socket.terminate();
    expect(late!.connected).toMatchObject({ ok: false, error: { code: "rate_limited" } });
  });
  await closeAll(first);

  // All connections open at once, before the workers have exchanged their numbers. If `openWebSocket` gets a token, it
  // waits for the reply to `connect`. But a connection above the limit could end without that reply, and the wait would
  // never end. So the token is in a header.
  const headers = { authorization: `Bearer ${TEST_API_KEY}` };
  const attempts = Array.from({ length: 2 * PER_ADDRESS }, () => openWebSocket(primary.url, null, headers));
  const settled = await Promise.allSettled(attempts);
  const opened = settled.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const live = () => opened.filter(({ socket }) => socket.readyState === 1).length;
  try {
    await eventually(() => expect(live()).toBe(PER_ADDRESS));
  } finally {
    for (const { socket } of opened) socket.terminate();
  }
  await eventually(async () => closeAll(await open(1)));
});

it("OP6: one scrape has the metrics of all workers", async () => {
  const text = await (await fetch(`${primary.url}/metrics`)).text();
  for (const name of ["grandstand_node_info", "process_resident_memory_bytes"]) {
    const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
    expect(lines.map((line) => /worker="(\d)"/.exec(line)?.[1]).sort()).toEqual(["1", "2"]);
  }
});

describe("OP6: workers", () => {
  it("a worker that does not answer makes the port not ready", async () => {
    expect(await readiness()).toEqual({ status: 200, running: 2, of: 2 });
    const [{ pid }] = workers() as [ListeningWorker];
    process.kill(pid, "SIGSTOP");
    try {
      await eventually(async () => {
        const response = await fetch(`${primary.url}/health/ready`, { signal: AbortSignal.timeout(4_000) });
        expect(response.status).toBe(503);
      });
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await eventually(async () => expect(await readiness()).toEqual({ status: 200, running: 2, of: 2 }));
  });

  it("a worker that was killed is replaced, and the other workers are not affected", {
    timeout: 60_000,
  }, async () => {
    const clients = await open(6);
    const [ended] = workers() as [ListeningWorker];
    const isOf =
      ({ node }: ListeningWorker) =>
      (client: WebSocketClient) =>
        dataOf(client.connected!).nodeId === node;
    process.kill(ended.pid, "SIGKILL");
    // On a busy machine, starting a process takes long.
    await vi.waitFor(() => expect(workers()).toHaveLength(3), { timeout: 40_000 });
    const others = clients.filter((client) => !isOf(ended)(client));
    expect(others.length).toBeGreaterThan(0);
    for (const client of others) expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
    await closeAll(others);
    const opened = await open(6);
    expect(new Set(opened.map(({ connected }) => dataOf(connected!).nodeId)).size).toBe(2);
    await closeAll(opened);
    expect(await readiness()).toEqual({ status: 200, running: 2, of: 2 });
  });

  it("workers ignore SIGTERM, and drain when their primary process is stopped", async () => {
    const clients = await open(4);
    for (const { pid } of workers().slice(-2)) process.kill(pid, "SIGTERM");
    expect(await readiness()).toEqual({ status: 200, running: 2, of: 2 });
    const closing = Promise.all(clients.map(async ({ socket }) => (await once(socket, "close"))[0]));
    await primary.stop();
    expect(await closing).toEqual([4009, 4009, 4009, 4009]);
    expect(primary.exitCode).toBe(0);
    expect(workers().filter(({ pid }) => isAlive(pid))).toEqual([]);
  });
});

it("OP6: if the workers can't start, the node exits and names the reason", { timeout: 60_000 }, async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const env = { GRANDSTAND_WORKERS: "2" };
  const start = startNode({ redisUrl: inject("redisUrl"), prefix: freshPrefix(), port, env });
  await expect(start).rejects.toThrow("EADDRINUSE");
  holder.close();
});
