import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** How long a slow request may send nothing. */
const STALL_MS = 30_000;

/** The last request of a connection without a total time limit. */
const slow = new WeakMap<Socket, IncomingMessage>();

/**
 * Exempts a request from the total time limit while data arrives. Node's `requestTimeout` has no exceptions, so
 * `isExemptTimeout` ignores its error for this request.
 */
export function takesItsTime(request: IncomingMessage): void {
  slow.set(request.socket, request);
  // Without a listener, Node would end the connection. It has another timeout for the time between requests.
  request.setTimeout(STALL_MS);
}

/** Whether an error is the timeout of a request that is exempt from it. */
export function isExemptTimeout(error: Error, socket: Socket): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" && slow.get(socket)?.complete === false;
}
