import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { openWebSocket } from "../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../test/support/in-process-node.js";
import { TEST_API_KEY } from "../../test/support/names.js";
import { Dispatcher, type Reply } from "../dispatch/dispatcher.js";

const done: Reply = { ack: { ok: true, data: null }, quotaState: null, sent: () => {} };

let node: TestNode;
/** For each call in flight, a function that sends its reply. */
let waiting: ((reply: Reply) => void)[];

beforeAll(async () => {
  node = await startTestNode();
  waiting = [];
  vi.spyOn(Dispatcher.prototype, "dispatch").mockImplementation(
    () => new Promise((resolve) => waiting.push(resolve)),
  );
});

afterEach(async () => {
  await eventually(() => expect(node.connectionCount()).toBe(0));
});

afterAll(async () => {
  vi.restoreAllMocks();
  await node.close();
});

/** Waits for the replies to 40 requests, one by one. A node that had not stopped reading would read more calls in this time. */
async function read(): Promise<void> {
  for (let at = 0; at < 40; at += 1) await fetch(`${node.url}/health/live`).then((answer) => answer.text());
}

function answerAll(): void {
  for (const answer of waiting.splice(0)) answer(done);
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
])("AU5: the calls of one client without a reply are bounded: $name", async ({ name, open, calls }) => {
  const client = await open();
  let answered = 0;
  const acks = Array.from({ length: calls }, () =>
    client.call("counter.get", { counter: "c" }).finally(() => {
      answered += 1;
    }),
  );
  await eventually(() => expect(waiting.length).toBeGreaterThanOrEqual(1_000));
  await read();
  expect(waiting.length).toBeLessThanOrEqual(4_000);
  await eventually(() => {
    answerAll();
    expect(answered).toBe(calls);
  });
  const refused = (await Promise.all(acks)).filter(({ ok }) => !ok);
  // Long-polling sends all calls in one body, so 500 of 4,500 exceed the limit. Other transports leave
  // calls above the limit in the socket.
  expect(refused).toHaveLength(name.endsWith("polling") ? 500 : 0);
  for (const { error } of refused) expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 1_000 });
  await client.close();
});
