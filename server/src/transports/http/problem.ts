import type { Socket } from "node:net";
import { errorTable, type WireError } from "@grandstand/shared/errors";
import type { FastifyReply } from "fastify";
import { isExemptTimeout } from "./slow-requests.js";

/** The error for a request that cannot be parsed or routed. */
export const unreadable: WireError = { code: "bad_request", message: "The request cannot be read" };

/** Answers with an RFC 9457 problem document. */
export function sendProblem(reply: FastifyReply, error: WireError): FastifyReply {
  if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
  if (error.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  return reply
    .code(errorTable[error.code].status)
    .header("x-content-type-options", "nosniff")
    .type("application/problem+json")
    .send(documentOf(error));
}

/** Answers a request that is not valid HTTP, or did not arrive in time. */
export function refuseUnreadable(error: Error, socket: Socket): void {
  if (isExemptTimeout(error, socket)) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = documentOf(unreadable);
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function documentOf({ code, message, issues, retryAfterMs }: WireError): string {
  const { status, title } = errorTable[code];
  return JSON.stringify({ type: "about:blank", title, status, detail: message, code, issues, retryAfterMs });
}
