import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Addresses } from "./addresses.js";

/** How long a client's HTTP connection may be idle between two requests. */
export const KEEP_ALIVE_MS = 10_000;
/**
 * The same for a trusted proxy. It is longer than proxies keep idle connections (mostly a minute): a request that
 * meets a closing connection would become a 502.
 */
const PROXY_KEEP_ALIVE_MS = 75_000;
/** How long an upload may pause. */
const STALL_MS = 30_000;

/** Keeps the connections of trusted proxies longer than those of clients. */
export function keepForProxies(http: Server, addresses: Addresses): void {
  if (!addresses.hasProxies) return;
  http.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (!addresses.isProxy(addresses.ofSocket(socket))) return;
    // Node sets the timeout of all connections just before.
    response.once("finish", () => socket.setTimeout(PROXY_KEEP_ALIVE_MS));
  });
}

/** The last request of each connection that is exempt from `requestTimeout`. */
const uploads = new WeakMap<Socket, IncomingMessage>();

/**
 * Exempts a request from the server's `requestTimeout`, as long as data arrives. Node has no such exception, but the
 * listener for client errors asks `isUploading` before it ends a connection.
 */
export function allowLongUpload(request: IncomingMessage): void {
  uploads.set(request.socket, request);
  // Without a listener for the timeout, Node ends the connection.
  request.setTimeout(STALL_MS);
}

/** Whether an error is the `requestTimeout` of a request that is exempt from it. */
export function isUploading(error: Error, socket: Socket): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" && uploads.get(socket)?.complete === false;
}
