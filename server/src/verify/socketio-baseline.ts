import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import { Server } from "socket.io";
import { type BaselineEvents, EPOCH, ROOM } from "./baseline-events.js";
import { connectServer } from "./redis-servers.js";

/**
 * One node of a chat server on Socket.IO alone, as an app would build it. The node uses @socket.io/redis-adapter as the
 * adapter's documentation shows it, and keeps the messages in a list in Redis. Connection state recovery is on, but this
 * adapter does not support it. `grandstand verify --target socketio` starts the node.
 */
const { REDIS_URL = "", PORT = "0", GRANDSTAND_PREFIX = "" } = process.env;

// The adapter does not handle a failure of its PUBLISH. Such a failure must not end the process.
process.on("unhandledRejection", (error) => console.error(error));

const [commands, publishing] = await Promise.all([connectServer(REDIS_URL), connectServer(REDIS_URL)]);
const subscribing = publishing.duplicate();
subscribing.on("error", () => {});
const log = `{${GRANDSTAND_PREFIX}}:messages`;
const http = createServer();
const io = new Server<BaselineEvents>(http, {
  adapter: createAdapter(publishing, subscribing, { key: GRANDSTAND_PREFIX }),
  connectionStateRecovery: {},
});

io.on("connection", (socket) => {
  // Socket.IO restores the rooms of a socket that it recovers. Clients send `follow` only for a socket that it did not recover.
  socket.on("follow", async (ack) => {
    await socket.join(ROOM);
    ack({ offset: await commands.llen(log) });
  });
  socket.on("chat.configure", (_, ack) => ack({ ok: true, data: {} }));
  socket.on("chat.send", async ({ text }, ack) => {
    const id = randomUUID();
    const message = { id, offset: await commands.rpush(log, JSON.stringify({ id, text })), text };
    io.to(ROOM).emit("message", message);
    ack({ ok: true, data: { message } });
  });
  socket.on("chat.history", async ({ after, limit }, ack) => {
    const items = await commands.lrange(log, after, after + limit - 1);
    const messages = items.map((item, at) => ({ ...JSON.parse(item), offset: after + at + 1 }));
    ack({ ok: true, data: { messages, hasMore: items.length === limit, position: { epoch: EPOCH } } });
  });
});

http.listen(Number(PORT), "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  console.log(JSON.stringify({ url, msg: "listening" }));
});
process.once("SIGTERM", () => process.exit());
