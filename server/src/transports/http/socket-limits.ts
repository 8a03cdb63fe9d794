import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../../limits/network.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import { Tally } from "../../limits/tally.js";
import type { Observer } from "../../observer/observer.js";
import type { Addresses } from "./addresses.js";

/**
 * Bounds the open sockets of one IPv4 address or IPv6 /64. Idle sockets count, too. The sockets of trusted proxies
 * are exempt.
 */
export function limitSocketsPerAddress(
  http: Server,
  most: number,
  addresses: Addresses,
  observer: Observer,
): void {
  const openByNetwork = new Tally();
  const counted = new WeakSet<Socket>();
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // `answerAsRequest` (upgrades.ts) emits `connection` a second time for the socket of a declined upgrade.
    if (addresses.isProxy(address) || counted.has(socket)) return;
    const network = networkOf(address);
    if (openByNetwork.of(network) >= most) {
      observer.note("limitReached", { limit: "socketsPerAddress" });
      socket.destroy();
      return;
    }
    counted.add(socket);
    openByNetwork.add(network);
    socket.once("close", () => openByNetwork.remove(network));
  });
}

/**
 * Bounds the sockets of one address that have sent no request yet. Call this function after Socket.IO is attached:
 * Socket.IO hides requests for its own path from listeners that were added earlier.
 */
export function limitPreRequestSockets(
  http: Server,
  pendingConnections: PendingConnections,
  addresses: Addresses,
): void {
  const leaves = new WeakMap<Socket, () => void>();
  const onRequest = ({ socket }: IncomingMessage): void => {
    const leave = leaves.get(socket);
    if (leave === undefined) return;
    leave();
    socket.off("close", leave);
    leaves.delete(socket);
  };
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // A proxy may open sockets before its clients send requests.
    if (addresses.isProxy(address) || socket.destroyed) return;
    const leave = pendingConnections.enter(address, () => socket.destroy());
    leaves.set(socket, leave);
    socket.once("close", leave);
  });
  http.on("request", onRequest);
  http.on("upgrade", onRequest);
}
