import { Server } from "socket.io";

const ROOM = "room";

/** A Socket.IO server to compare Grandstand with. It has default settings, and puts all connections into one room. */
const io = new Server({ serveClient: false });
io.on("connection", (socket) => {
  socket.on("channel.subscribe", (_input: unknown, acknowledge: (ack: unknown) => void) => {
    void socket.join(ROOM);
    acknowledge({ ok: true });
  });
});
io.listen(Number(process.env.PORT));
