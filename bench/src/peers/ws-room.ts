import { type WebSocket, WebSocketServer } from "ws";

/** ws with default settings, and all connections in one room, which is a set of sockets. */
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
