import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Push } from "@grandstand/shared/channels";
import { Server, type Socket } from "socket.io";
import { type Socket as Client, io } from "socket.io-client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/eventually.js";
import type { EngineConnection } from "./engine-io-guard.js";
import { encodePush, writePush } from "./socketio-push.js";

let http: HttpServer;
let server: Server;
let accepted: Socket[];
let url: string;
let client: Client | null;

beforeEach(async () => {
  accepted = [];
  client = null;
  http = createServer();
  server = new Server(http, { perMessageDeflate: false });
  server.on("connection", (socket) => accepted.push(socket));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  client?.disconnect();
  await server.close();
});

function pushOf(offset: number): Push {
  return { channel: "chat:a", epoch: "e", publications: [{ offset, event: "x", data: "grüße 🎉" }] };
}

async function open(transports: string[]) {
  const opened = io(url, { transports, forceNew: true, reconnection: false });
  client = opened;
  const offsets: number[] = [];
  opened.on("push", ({ publications }: Push) => offsets.push(publications[0]!.offset));
  await eventually(() => expect(accepted).toHaveLength(1));
  const socket = accepted[0]!;
  return { socket, engine: socket.conn as unknown as EngineConnection, offsets };
}

it("a push that is written as a frame has the same text as an emitted push", async () => {
  const raw = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const received: string[] = [];
  raw.on("message", (data) => received.push(String(data)));
  await eventually(() => expect(received).toHaveLength(1));
  raw.send("40");
  await eventually(() => expect(accepted).toHaveLength(1));
  await eventually(() => expect(received).toHaveLength(2));
  const engine = accepted[0]!.conn as unknown as EngineConnection;
  const write = vi.spyOn(engine, "write");
  accepted[0]!.emit("push", pushOf(1));
  await eventually(() => expect(engine.transport.writable).toBe(true));
  write.mockClear();
  writePush(engine, encodePush(pushOf(1)));
  // This fails if the private parts of ws or Engine.IO have changed: in that case, every push goes through the slower
  // `write`.
  expect(write).not.toHaveBeenCalled();
  await eventually(() => expect(received).toHaveLength(4));
  expect(received[3]).toBe(received[2]);
  raw.terminate();
});

it("pushes and emitted events arrive in the order of their calls, also while packets wait in the buffer", async () => {
  const { socket, engine, offsets } = await open(["websocket"]);
  for (let offset = 1; offset <= 30; offset += 3) {
    writePush(engine, encodePush(pushOf(offset)));
    socket.emit("push", pushOf(offset + 1));
    writePush(engine, encodePush(pushOf(offset + 2)));
  }
  expect(engine.writeBuffer.length).toBeGreaterThan(0);
  await eventually(() => expect(offsets).toEqual(Array.from({ length: 30 }, (_, at) => at + 1)));
});

it("a client over long-polling receives pushes", async () => {
  const { engine, offsets } = await open(["polling"]);
  for (const offset of [1, 2, 3]) writePush(engine, encodePush(pushOf(offset)));
  await eventually(() => expect(offsets).toEqual([1, 2, 3]));
});

it("a client that changes from long-polling to a WebSocket misses nothing", async () => {
  const { engine, offsets } = await open(["polling", "websocket"]);
  let sent = 0;
  await eventually(() => {
    sent += 1;
    writePush(engine, encodePush(pushOf(sent)));
    expect(engine.transport.socket).toBeDefined();
  });
  for (const end = sent + 5; sent < end; ) {
    sent += 1;
    writePush(engine, encodePush(pushOf(sent)));
  }
  await eventually(() => expect(offsets).toEqual(Array.from({ length: sent }, (_, at) => at + 1)));
});
