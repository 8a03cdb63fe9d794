import { type WebSocket, WebSocketServer } from "ws";

/** A bare server to compare Grandstand with: ws with default settings. All connections join one room, a set of sockets. */
const room = new Set<WebSocket>();

const server = new WebSocketServer({ host: process.env.HOST!, port: Number(process.env.PORT) });
server.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    const { id, op } = JSON.parse(data.toString()) as { id: number; op: string };
    if (op === "channel.subscribe") room.add(socket);
    socket.send(JSON.stringify({ id, ok: true }));
  });
  socket.on("close", () => room.delete(socket));
});
