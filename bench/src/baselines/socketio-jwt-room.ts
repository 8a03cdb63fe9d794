import { Server } from "socket.io";
import { verifiedUser } from "./jwt.js";

/** A Socket.IO server to compare with. It takes each user from a JWT, and puts all connections into one room. */

const ROOM = "room";
const secret = process.env.TOKEN_SECRET!;

const io = new Server({ serveClient: false });
io.use((socket, next) => {
  socket.data.user = verifiedUser(socket.handshake.auth.token as string, secret);
  next();
});
io.on("connection", (socket) => {
  socket.on("channel.subscribe", (_input: unknown, acknowledge: (ack: unknown) => void) => {
    void socket.join(ROOM);
    acknowledge({ ok: true });
  });
});
io.listen(Number(process.env.PORT));
