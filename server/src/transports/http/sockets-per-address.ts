import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../../limits/network.js";
import { Tally } from "../../limits/tally.js";
import type { Addresses } from "./addresses.js";

/**
 * Bounds how many sockets of one address an HTTP server keeps, whatever they are for: one that was heard once may be
 * idle, or in the middle of a body. Proxies hold those of all their clients.
 */
export function limitSocketsPerAddress(http: Server, most: number, addresses: Addresses): void {
  const openByNetwork = new Tally();
  const counted = new WeakSet<Socket>();
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // One whose upgrade was declined comes again.
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
