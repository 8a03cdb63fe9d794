import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Addresses } from "./addresses.js";

/**
 * Limits the sockets of one address that have not sent a request yet. Call it after Socket.IO is attached, which hides its
 * requests from earlier listeners.
 */
export function limitPreRequestSockets(
  http: Server,
  pendingConnections: PendingConnections,
  addresses: Addresses,
): void {
  const waiting = new WeakMap<Socket, () => void>();
  const heard = ({ socket }: IncomingMessage): void => {
    const leave = waiting.get(socket);
    if (leave === undefined) return;
    leave();
    socket.off("close", leave);
    waiting.delete(socket);
  };
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // A proxy keeps spare sockets for all its clients.
    if (addresses.isProxy(address) || socket.destroyed) return;
    const leave = pendingConnections.enter(address, () => socket.destroy());
    waiting.set(socket, leave);
    socket.once("close", leave);
  });
  http.on("request", heard);
  http.on("upgrade", heard);
}
