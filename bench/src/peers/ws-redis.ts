import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { type WebSocket, WebSocketServer } from "ws";

/** A common chat setup without a framework: ws, a room, and Redis pub/sub between the nodes. It stores no messages. */
const redis = new Redis(process.env.REDIS_URL!);
const subscriber = redis.duplicate();
const rooms = new Map<string, Set<WebSocket>>();
let offset = 0;

subscriber.on("message", (channel: string, push: string) => {
  for (const socket of rooms.get(channel) ?? []) socket.send(push);
});

function publish(room: string, text: string): Promise<number> {
  offset += 1;
  // The same fields as in a message from Grandstand.
  const message = {
    id: randomUUID(),
    offset,
    user: null,
    text,
    metadata: null,
    replyTo: null,
    sentAt: new Date().toISOString(),
    editedAt: null,
    deleted: false,
    reactions: {},
    profile: null,
  };
  const channel = `chat:${room}`;
  const publications = [{ offset, event: "chat.message", data: message }];
  const push = { channel, epoch: "1ab6deb5-7a9c-4f2e-9a53-5b0d5f5b3a44", publications };
  return redis.publish(channel, JSON.stringify({ push }));
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
