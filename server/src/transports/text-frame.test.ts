import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { eventually } from "../../test/support/eventually.js";
import { textFrame, writeFrame } from "./text-frame.js";

let server: WebSocketServer;
let clients: (Socket | WebSocket)[];

beforeEach(() => {
  clients = [];
});

afterEach(() => {
  for (const client of clients) client instanceof WebSocket ? client.terminate() : client.destroy();
  server.close();
});

async function listen(options: object = {}): Promise<number> {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, ...options });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Connects a client. Returns the server's socket, and a function that waits for the bytes that the client receives. */
async function rawClient() {
  const port = await listen();
  const client = connect(port, "127.0.0.1");
  clients.push(client);
  const accepted = once(server, "connection");
  let bytes = Buffer.alloc(0);
  client.on("data", (part: Buffer) => {
    bytes = Buffer.concat([bytes, part]);
  });
  client.write(
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const [socket] = (await accepted) as [WebSocket];
  await eventually(() => expect(bytes.toString("latin1")).toContain("\r\n\r\n"));
  bytes = Buffer.alloc(0);
  return {
    socket,
    async take(length: number): Promise<Buffer> {
      await eventually(() => expect(bytes.length).toBe(length));
      const taken = bytes;
      bytes = Buffer.alloc(0);
      return taken;
    },
  };
}

async function serveClient(options: object = {}) {
  const port = await listen(options);
  const accepted = once(server, "connection");
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  clients.push(client);
  const received: string[] = [];
  client.on("message", (data) => received.push(String(data)));
  const [[socket]] = (await Promise.all([accepted, once(client, "open")])) as [[WebSocket], unknown];
  return { client, socket, received };
}

it("a prebuilt frame has the bytes that ws sends, whatever its length", async () => {
  const { socket, take } = await rawClient();
  for (const text of ["", "a", "grüße 🎉", "a".repeat(125), "a".repeat(126), "é".repeat(32_767)]) {
    await sameBytes(text);
  }
  for (const length of [65_535, 65_536, 200_000]) await sameBytes("b".repeat(length));

  async function sameBytes(text: string) {
    const frame = textFrame(text);
    socket.send(frame.payload, { binary: false });
    const sent = await take(frame.bytes.length);
    // If this fails, the private parts of ws have changed: adapt text-frame.ts, or all sends become slower.
    expect(writeFrame(socket, frame)).toBe(true);
    expect((await take(frame.bytes.length)).equals(sent)).toBe(true);
  }
});

it("a waiting frame counts in `bufferedAmount` as a message of ws does", async () => {
  const { socket } = await rawClient();
  const { _socket } = socket as unknown as { _socket: Socket };
  const frame = textFrame("c".repeat(10_000));
  _socket.cork();
  socket.send(frame.payload, { binary: false });
  const bytesOfOne = socket.bufferedAmount;
  expect(writeFrame(socket, frame)).toBe(true);
  expect(socket.bufferedAmount).toBe(2 * bytesOfOne);
  _socket.uncork();
});

it("frames and messages arrive in the order of their calls", async () => {
  const { socket, received } = await serveClient();
  for (const number of [1, 3, 5]) {
    socket.send(String(number));
    expect(writeFrame(socket, textFrame(String(number + 1)))).toBe(true);
  }
  await eventually(() => expect(received).toEqual(["1", "2", "3", "4", "5", "6"]));
});

it("a connection that compresses, has begun a message or closes gets no prebuilt frame", async () => {
  const frame = textFrame("text");
  const compressing = await serveClient({ perMessageDeflate: true });
  expect(writeFrame(compressing.socket, frame)).toBe(false);
  server.close();

  const { socket, received } = await serveClient();
  socket.send("one ", { fin: false });
  expect(writeFrame(socket, frame)).toBe(false);
  socket.send("message", { fin: true });
  expect(writeFrame(socket, frame)).toBe(true);
  await eventually(() => expect(received).toEqual(["one message", "text"]));
  socket.close();
  expect(writeFrame(socket, frame)).toBe(false);
});

it("nothing is written if the private parts of ws are not the expected ones", () => {
  const socketOf = (sender: object | undefined) =>
    ({ readyState: WebSocket.OPEN, OPEN: WebSocket.OPEN, _sender: sender }) as unknown as WebSocket;
  const written: unknown[] = [];
  class OtherSender {
    _state = 0;
    _queue = [];
    _firstFragment = true;
    _extensions = {};
    readonly socket: { write(data: unknown): void };
    constructor(socket: { write(data: unknown): void }) {
      this.socket = socket;
    }
    sendFrame(parts: Buffer[]) {
      this.socket.write(Buffer.concat([Buffer.from("head"), ...parts]));
    }
  }
  const socket = { write: (data: unknown) => written.push(data) };
  for (const sender of [undefined, {}, { _state: 0 }, new OtherSender(socket)]) {
    expect(writeFrame(socketOf(sender), textFrame("text"))).toBe(false);
  }
  expect(written).toEqual([]);
});
