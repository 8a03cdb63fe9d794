import { randomUUID } from "node:crypto";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

/** A common chat setup: Socket.IO, a room, and the Redis adapter. It stores no messages. */
const redis = new Redis(process.env.REDIS_URL!);
const io = new Server({ serveClient: false, adapter: createAdapter(redis, redis.duplicate()) });
let offset = 0;

io.on("connection", (socket) => {
  socket.on("channel.subscribe", ({ channel }: { channel: string }, acknowledge: (ack: unknown) => void) => {
    void socket.join(channel);
    acknowledge({ ok: true });
  });
  socket.on(
    "chat.send",
    ({ room, text }: { room: string; text: string }, acknowledge: (ack: unknown) => void) => {
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
      io.to(channel).emit("push", { channel, epoch: "1ab6deb5-7a9c-4f2e-9a53-5b0d5f5b3a44", publications });
      acknowledge({ ok: true, data: { message } });
    },
  );
});
io.listen(Number(process.env.PORT));
