import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../../limits/network.js";
import { Tally } from "../../limits/tally.js";
import type { Addresses } from "./addresses.js";

/** Limits all sockets of one address on the HTTP server, idle ones included. Trusted proxies are exempt: they carry all clients. */
export function limitSocketsPerAddress(http: Server, most: number, addresses: Addresses): void {
  const openByNetwork = new Tally();
  const counted = new WeakSet<Socket>();
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // A socket whose upgrade was declined is counted already.
    if (addresses.isProxy(address) || counted.has(socket)) return;
    const network = networkOf(address);
    if (openByNetwork.of(network) >= most) {
      socket.destroy();
      return;
    }
    counted.add(socket);
    openByNetwork.add(network);
    socket.once("close", () => openByNetwork.remove(network));
  });
}
