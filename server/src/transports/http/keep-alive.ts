import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Addresses } from "./addresses.js";

/** How long an HTTP connection of a client may be idle between two requests. */
export const KEEP_ALIVE_MS = 10_000;
/**
 * The same for a trusted proxy: longer than proxies keep idle connections, mostly a minute. Otherwise a proxy could send a
 * request while the node closes the connection, and answer its client with 502.
 */
const PROXY_KEEP_ALIVE_MS = 75_000;

/** Keeps the connections of trusted proxies longer than those of clients. */
export function keepForProxies(http: Server, addresses: Addresses): void {
  if (!addresses.hasProxies) return;
  http.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (!addresses.isProxy(addresses.ofSocket(socket))) return;
    // Node has just set the timeout for clients.
    response.once("finish", () => socket.setTimeout(PROXY_KEEP_ALIVE_MS));
  });
}
