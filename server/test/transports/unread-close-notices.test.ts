import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { dataOf } from "../support/acks.js";
import type { Client } from "../support/drivers/driver.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

let node: TestNode;
let server: Client;

beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_QUEUE_KIB: "4096" });
  server = await openWebSocket(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await server.close();
  await node.close();
});

/** Opens a Socket.IO, a WebSocket and an SSE client. Each client subscribes to the channel and then stops reading. */
async function stopped(token: string, channel: string): Promise<{ destroy(): void }[]> {
  const socketIo = await openSocketIo(node.url, token);
  const webSocket = await openWebSocket(node.url, token);
  for (const { call } of [socketIo, webSocket])
    expect(await call("channel.subscribe", { channel })).toMatchObject({ ok: true });
  const { ws } = socketIo.socket.io.engine.transport as unknown as { ws: { _socket: Socket } };
  const stream = connect(Number(new URL(node.url).port), "127.0.0.1");
  stream.on("error", () => {});
  const path = `/v1/channels/${encodeURIComponent(channel)}/events`;
  stream.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await new Promise((resolve) => stream.once("data", resolve));
  const sockets = [ws._socket, (webSocket.socket as unknown as { _socket: Socket })._socket, stream];
  for (const socket of sockets) socket.pause();
  return [...sockets, { destroy: () => socketIo.socket.disconnect() }];
}

it("AU4: a client that does not read its close notice is terminated, and another client is not affected", async () => {
  const [room, user] = [freshId("room"), freshId("user")];
  const session = dataOf(await server.call("session.create", { user: { id: user } }));
  const clients = await stopped(String(session.token), `chat:${room}`);
  await eventually(() => expect(node.connectionCount()).toBe(4));
  const metadata = { filling: "y".repeat(4_000) };
  // Send more than the socket buffers hold.
  while (node.slowConsumerCount() < 3) {
    const sent = Array.from({ length: 100 }, () =>
      server.call("chat.send", { room, text: "x".repeat(4_000), metadata }),
    );
    await Promise.all(sent);
  }
  for (const revoked of [user, user, freshId("other")])
    dataOf(await server.call("user.revoke", { user: revoked }));
  expect(node.connectionCount()).toBe(4);
  await vi.waitFor(() => expect(node.connectionCount()).toBe(1), { timeout: 8_000, interval: 50 });
  expect(await server.call("leaderboard.list")).toMatchObject({ ok: true });
  for (const client of clients) client.destroy();
});
