import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../limits/network.js";
import type { Addresses } from "./addresses.js";

/**
 * Bounds how many sockets of one address an HTTP server keeps, whatever they are for: one that was heard once may be
 * idle, or in the middle of a body. Proxies hold those of all their clients.
 */
export function boundSocketsPerAddress(http: Server, most: number, addresses: Addresses): void {
  const openByNetwork = new Map<string, number>();
  const counted = new WeakSet<Socket>();
  http.on("connection", (socket: Socket) => {
    const address = addresses.ofSocket(socket);
    // One whose upgrade was declined comes again.
    if (addresses.isProxy(address) || counted.has(socket)) return;
    const network = networkOf(address);
    const open = openByNetwork.get(network) ?? 0;
    if (open >= most) {
      socket.destroy();
      return;
    }
    counted.add(socket);
    openByNetwork.set(network, open + 1);
    socket.once("close", () => {
      const left = openByNetwork.get(network)! - 1;
      if (left === 0) openByNetwork.delete(network);
      else openByNetwork.set(network, left);
    });
  });
}
