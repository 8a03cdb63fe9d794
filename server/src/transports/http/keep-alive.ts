import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Addresses } from "./addresses.js";

/** How long a client's HTTP connection may be idle between two requests. */
export const KEEP_ALIVE_MS = 10_000;
/**
 * And one of a trusted proxy: for longer than proxies themselves keep it, which is a minute mostly. One that sends a
 * request just as the node closes would answer its client with 502.
 */
const PROXY_KEEP_ALIVE_MS = 75_000;

/** Keeps the connections of trusted proxies longer than those of clients. */
export function keepForProxies(http: Server, addresses: Addresses): void {
  if (!addresses.hasProxies) return;
  http.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (!addresses.isProxy(addresses.ofSocket(socket))) return;
    // Node has set the time of all others just before.
    response.once("finish", () => socket.setTimeout(PROXY_KEEP_ALIVE_MS));
  });
}
