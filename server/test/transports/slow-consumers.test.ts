import { get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import type { Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import type { Client } from "../support/drivers/driver.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

/** The number of messages of 8 KiB. Together they exceed the socket buffers. */
const MESSAGES = 900;
/** The number of `chat.history` replies, each a page of about 128 KiB. Together the replies exceed the socket buffers. */
const PAGES = 200;

/** A client that follows a room and can stop reading. */
interface Reader {
  pause(): void;
  resume(): void;
  /** The offsets in the order of their arrival. */
  offsets(): number[];
  /** The close code that the client received; null before the close, and always null on SSE. */
  closeCode(): number | null;
  /** Null when the transport has no calls. */
  call: Client["call"] | null;
  close(): Promise<void>;
}

let node: TestNode;
let writer: Client;
let room: string;

beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_QUEUE_KIB: "64" });
  writer = await openWebSocket(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await writer.close();
  await eventually(() =>
    expect([node.connectionCount(), node.channelCount(), node.slowConsumerCount()]).toEqual([0, 0, 0]),
  );
  await node.close();
});

beforeEach(async () => {
  room = freshId("room");
  await writer.call("chat.configure", { room, logSize: 10_000 });
});

function offsetsIn(pushes: Push[]): number[] {
  return pushes.flatMap(({ publications }) => publications.map(({ offset }) => offset));
}

async function followed(ack: Promise<Ack>): Promise<void> {
  expect(await ack).toMatchObject({ ok: true });
}

async function webSocketReader(): Promise<Reader> {
  const { socket, pushes, call, close } = await openWebSocket(node.url, TEST_API_KEY);
  await followed(call("channel.subscribe", { channel: `chat:${room}` }));
  let code: number | null = null;
  socket.on("close", (closed) => {
    code = closed;
  });
  return {
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    offsets: () => offsetsIn(pushes),
    closeCode: () => code,
    call,
    close,
  };
}

async function socketIoReader(): Promise<Reader> {
  const { socket, pushes, call, close } = await openSocketIo(node.url, TEST_API_KEY);
  await followed(call("channel.subscribe", { channel: `chat:${room}` }));
  let code: number | null = null;
  socket.on("closing", (closing: { code: number }) => {
    code = closing.code;
  });
  const { ws } = socket.io.engine.transport as unknown as { ws: WebSocket };
  return {
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    offsets: () => offsetsIn(pushes),
    closeCode: () => code,
    call,
    close,
  };
}

async function sseReader(): Promise<Reader> {
  const request = get(`${node.url}/v1/channels/${encodeURIComponent(`chat:${room}`)}/events`, {
    headers: { authorization: `Bearer ${TEST_API_KEY}` },
  });
  const response = await new Promise<IncomingMessage>((resolve) => request.on("response", resolve));
  const heads: string[] = [];
  const lines = createInterface(response);
  lines.on("line", (line) => {
    if (!line.startsWith("data: ")) heads.push(line);
  });
  // The test aborts the request itself, which emits errors.
  for (const ended of [lines, response, request]) ended.on("error", () => {});
  await eventually(() => expect(heads).toContain("event: subscribed"));
  return {
    pause: () => response.pause(),
    resume: () => response.resume(),
    offsets: () =>
      heads.flatMap((head) => {
        const offset = /^id: \S+?:(\d+):/.exec(head)?.[1];
        return offset === undefined ? [] : [Number(offset)];
      }),
    closeCode: () => null,
    call: null,
    close: async () => {
      request.destroy();
    },
  };
}

/** Sends `count` messages of 8 KiB, a hundred at a time. */
async function write(count: number): Promise<void> {
  const metadata = { filling: "y".repeat(4_000) };
  for (let at = 0; at < count; at += 100) {
    const batch = Array.from({ length: Math.min(100, count - at) }, () =>
      writer.call("chat.send", { room, text: "x".repeat(4_000), metadata }),
    );
    for (const ack of await Promise.all(batch)) expect(ack).toMatchObject({ ok: true });
  }
}

describe.each([
  { name: "Socket.IO", open: socketIoReader },
  { name: "WebSocket", open: webSocketReader },
  { name: "SSE", open: sseReader },
])("CH7: on $name", ({ open }) => {
  it("a client that stopped reading and reads again catches up on chat from the log", async () => {
    const [slow, swift] = await Promise.all([open(), open()]);
    slow.pause();
    await write(MESSAGES);
    await eventually(() => expect(swift.offsets()).toHaveLength(MESSAGES));
    // The node may have paused the swift client, too, for a moment.
    await eventually(() => expect(node.slowConsumerCount()).toBe(1));
    slow.resume();
    await eventually(() => expect(slow.offsets()).toHaveLength(MESSAGES));
    await eventually(() => expect(node.slowConsumerCount()).toBe(0));
    await write(1);
    const whole = Array.from({ length: MESSAGES + 1 }, (_, at) => at + 1);
    await eventually(() => expect(slow.offsets()).toEqual(whole));
    expect(slow.closeCode()).toBeNull();
    await Promise.all([slow.close(), swift.close()]);
  });
});

describe.each([
  { name: "Socket.IO", open: socketIoReader },
  { name: "WebSocket", open: webSocketReader },
])("CH7: on $name", ({ open }) => {
  it("a client that makes calls and does not read the replies is closed with 4008", async () => {
    await write(100);
    const slow = await open();
    slow.pause();
    const answers = Array.from({ length: PAGES }, () => slow.call!("chat.history", { room, limit: 100 }));
    for (const answer of answers) void answer.catch(() => {});
    // Calls reach Redis in the order in which they were sent: once this message is there, all pages have been read.
    void slow.call!("chat.send", { room, text: "last" }).catch(() => {});
    await eventually(async () => {
      const ack = await writer.call("chat.history", { room, limit: 1 });
      expect(ack).toMatchObject({ data: { messages: [{ text: "last" }] } });
    });
    // The client receives the close when it reads again.
    slow.resume();
    await eventually(() => expect(slow.closeCode()).toBe(4_008));
    await eventually(() => expect(node.slowConsumerCount()).toBe(0));
    await slow.close();
  });
});
