import { type WebSocket, WebSocketServer } from "ws";
import { verifiedUser } from "./jwt.js";

/** The only room of this ws server: each subscribed socket with its user, who is taken from a JWT. */
const room = new Map<WebSocket, string>();
const secret = process.env.TOKEN_SECRET!;

const server = new WebSocketServer({
  host: process.env.HOST!,
  port: Number(process.env.PORT),
  perMessageDeflate: false,
});
server.on("connection", (socket) => {
  let user: string | undefined;
  socket.on("message", (text: Buffer) => {
    const { id, op, data } = JSON.parse(text.toString()) as {
      id: number;
      op: string;
      data: { token: string };
    };
    if (op === "connect") user = verifiedUser(data.token, secret);
    if (op === "channel.subscribe") room.set(socket, user!);
    socket.send(JSON.stringify({ id, ok: true }));
  });
  socket.on("close", () => room.delete(socket));
});
