import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { chatPush } from "./chat-push.js";

/** A common chat setup: Socket.IO, a room, and the Redis adapter. It stores no messages. */
const redis = new Redis(process.env.REDIS_URL!);
const io = new Server({ serveClient: false, adapter: createAdapter(redis, redis.duplicate()) });

io.on("connection", (socket) => {
  socket.on("channel.subscribe", ({ channel }: { channel: string }, acknowledge: (ack: unknown) => void) => {
    void socket.join(channel);
    acknowledge({ ok: true });
  });
  socket.on(
    "chat.send",
    ({ room, text }: { room: string; text: string }, acknowledge: (ack: unknown) => void) => {
      const push = chatPush(room, text);
      io.to(push.channel).emit("push", push);
      acknowledge({ ok: true, data: { message: push.publications[0]!.data } });
    },
  );
});
io.listen(Number(process.env.PORT));
