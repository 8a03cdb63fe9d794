import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Addresses } from "./addresses.js";

/** How long a client's HTTP connection may be idle between two requests. */
export const KEEP_ALIVE_MS = 10_000;
/**
 * How long the HTTP connection of a trusted proxy may be idle. Most proxies close idle connections after a
 * minute. If the node closed a connection before the proxy does, a request that the proxy is just sending
 * would be lost, and the client would get a 502.
 */
const PROXY_KEEP_ALIVE_MS = 75_000;
/** How long an upload may pause. */
const STALL_MS = 30_000;

/** Keeps the connections of trusted proxies longer than those of clients. */
export function keepForProxies(http: Server, addresses: Addresses): void {
  if (!addresses.hasProxies) return;
  http.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (!addresses.isProxy(addresses.ofSocket(socket))) return;
    // Node.js sets `KEEP_ALIVE_MS` in its own listener of `finish`, which runs before this one.
    response.once("finish", () => socket.setTimeout(PROXY_KEEP_ALIVE_MS));
  });
}

/** For each connection, its last request that is exempt from `requestTimeout`. */
const uploads = new WeakMap<Socket, IncomingMessage>();

/**
 * Exempts a request from the server's `requestTimeout`, as long as data arrives. Node.js can't exempt a
 * single request. But it emits `clientError` for the timeout, and the listener of `clientError` keeps the
 * connection open if `isUploading` returns true.
 */
export function allowLongUpload(request: IncomingMessage): void {
  uploads.set(request.socket, request);
  // Nothing listens for this timeout, so Node.js closes the connection when no data arrives for that long.
  request.setTimeout(STALL_MS);
}

/** Whether an error is the `requestTimeout` of a request that is exempt from it. */
export function isUploading(error: Error, socket: Socket): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" && uploads.get(socket)?.complete === false;
}
