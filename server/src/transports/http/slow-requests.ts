import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** How long a slow request may bring nothing at all. */
const STALL_MS = 30_000;

/** The last request of a connection that may take its time. */
const slow = new WeakMap<Socket, IncomingMessage>();

/**
 * Lets a client send this request for as long as something comes. The server's `requestTimeout` is for the whole of a
 * request and knows no exceptions, but what follows from it is ours to say (`isPatience`).
 */
export function takesItsTime(request: IncomingMessage): void {
  slow.set(request.socket, request);
  // Where nobody listens for it Node ends the connection. It has a timeout of its own for the time between requests.
  request.setTimeout(STALL_MS);
}

/** Whether an error says no more than that a request takes long, which may. */
export function isPatience(error: Error, socket: Socket): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" && slow.get(socket)?.complete === false;
}
