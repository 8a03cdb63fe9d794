import { Server } from "socket.io";

/** Socket.IO with default settings, and all connections in one room. */
const ROOM = "room";

const io = new Server({ serveClient: false });
io.on("connection", (socket) => {
  socket.on("channel.subscribe", (_input: unknown, acknowledge: (ack: unknown) => void) => {
    void socket.join(ROOM);
    acknowledge({ ok: true });
  });
});
io.listen(Number(process.env.PORT));
