import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { openWebSocket } from "../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../test/support/in-process-node.js";
import { TEST_API_KEY } from "../../test/support/names.js";
import { Dispatcher, type Reply } from "../dispatch/dispatcher.js";

const done: Reply = { ack: { ok: true, data: null }, quotaState: null, sent: () => {} };

let node: TestNode;
/** Resolvers of the calls in flight. Calls get no reply until the test sends one, as if Redis were slow. */
let inFlight: ((reply: Reply) => void)[];

beforeAll(async () => {
  node = await startTestNode();
  inFlight = [];
  vi.spyOn(Dispatcher.prototype, "dispatch").mockImplementation(
    () => new Promise((resolve) => inFlight.push(resolve)),
  );
});

afterEach(async () => {
  await eventually(() => expect(node.connectionCount()).toBe(0));
});

afterAll(async () => {
  vi.restoreAllMocks();
  await node.close();
});

/** Gives the node time to read from its sockets: it answers other requests meanwhile. */
async function letNodeRead(): Promise<void> {
  for (let at = 0; at < 40; at += 1)
    await fetch(`${node.url}/health/live`).then((response) => response.text());
}

function replyToAll(): void {
  for (const reply of inFlight.splice(0)) reply(done);
}

async function openSocketIo(transport: string) {
  const socket = io(node.url, {
    auth: { token: TEST_API_KEY },
    transports: [transport],
    forceNew: true,
    reconnection: false,
  });
  await new Promise((resolve) => socket.on("welcome", resolve));
  return {
    call: () => socket.emitWithAck("counter.get", { counter: "c" }),
    close: async () => {
      socket.disconnect();
    },
  };
}

it.each([
  { name: "WebSocket", open: () => openWebSocket(node.url, TEST_API_KEY), calls: 12_000 },
  { name: "Socket.IO over WebSocket", open: () => openSocketIo("websocket"), calls: 12_000 },
  { name: "Socket.IO over long-polling", open: () => openSocketIo("polling"), calls: 4_500 },
])("AU5: a client of $name has a limited number of calls in flight", async ({ name, open, calls }) => {
  const client = await open();
  let answered = 0;
  const acks = Array.from({ length: calls }, () =>
    client.call("counter.get", { counter: "c" }).finally(() => {
      answered += 1;
    }),
  );
  await eventually(() => expect(inFlight.length).toBeGreaterThanOrEqual(1_000));
  await letNodeRead();
  expect(inFlight.length).toBeLessThanOrEqual(4_000);
  await eventually(() => {
    replyToAll();
    expect(answered).toBe(calls);
  });
  const refused = (await Promise.all(acks)).filter(({ ok }) => !ok);
  // The other transports stop reading: excess calls wait in the socket.
  expect(refused).toHaveLength(name.endsWith("polling") ? 500 : 0);
  for (const { error } of refused) expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 1_000 });
  await client.close();
});
