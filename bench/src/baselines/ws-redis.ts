import { Redis } from "ioredis";
import { type WebSocket, WebSocketServer } from "ws";
import { chatPush } from "./chat-push.js";

// This program is a typical chat server without a framework: ws, and Redis pub/sub between the nodes. It stores no messages.

const redis = new Redis(process.env.REDIS_URL!);
const subscriber = redis.duplicate();
const rooms = new Map<string, Set<WebSocket>>();

subscriber.on("message", (channel: string, push: string) => {
  for (const socket of rooms.get(channel) ?? []) socket.send(push);
});

function publish(room: string, text: string): Promise<number> {
  const push = chatPush(room, text);
  return redis.publish(push.channel, JSON.stringify({ push }));
}

async function follow(socket: WebSocket, channel: string): Promise<void> {
  const followers = rooms.get(channel) ?? new Set();
  rooms.set(channel, followers.add(socket));
  socket.on("close", () => followers.delete(socket));
  await subscriber.subscribe(channel);
}

interface Frame {
  id: number;
  op: string;
  data: { channel: string; room: string; text: string };
}

const server = new WebSocketServer({
  host: process.env.HOST!,
  port: Number(process.env.PORT),
  perMessageDeflate: false,
});
server.on("connection", (socket) => {
  socket.on("message", async (text: Buffer) => {
    const { id, op, data } = JSON.parse(text.toString()) as Frame;
    if (op === "channel.subscribe") await follow(socket, data.channel);
    if (op === "chat.send") await publish(data.room, data.text);
    socket.send(JSON.stringify({ id, ok: true }));
  });
});
