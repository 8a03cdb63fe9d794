import type { Socket } from "node:net";
import { errorTable } from "@grandstand/shared/error-table";
import { errorTitles } from "@grandstand/shared/error-titles";
import type { ErrorCode, WireError } from "@grandstand/shared/errors";
import type { FastifyReply } from "fastify";
import { isUploading } from "./request-timeouts.js";

/** The error for a request that can't be parsed or routed. */
export const unreadable: WireError = { code: "bad_request", message: "The request can't be read" };

export interface ProblemStatus {
  status: number;
  title: string;
}

/**
 * Answers with an RFC 9457 problem document.
 * @param status only for an HTTP status that belongs to no `ErrorCode`, such as 405
 */
export function sendProblem(
  reply: FastifyReply,
  error: WireError,
  { status, title }: ProblemStatus = statusOf(error.code),
): FastifyReply {
  if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
  if (error.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  return reply
    .code(status)
    .header("x-content-type-options", "nosniff")
    .type("application/problem+json")
    .send(documentOf(error, { status, title }));
}

/**
 * Answers data that is not HTTP, or a request that took too long. An upload that is exempt from the time limit gets no answer.
 * @returns whether an answer was sent
 */
export function refuseUnreadable(error: Error, socket: Socket): boolean {
  if (isUploading(error, socket)) return false;
  if (!socket.writable) {
    socket.destroy();
    return false;
  }
  const body = documentOf(unreadable);
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return true;
}

function statusOf(code: ErrorCode): ProblemStatus {
  return { status: errorTable[code].status, title: errorTitles[code] };
}

function documentOf(
  { code, message, issues, retryAfterMs }: WireError,
  { status, title }: ProblemStatus = statusOf(code),
): string {
  return JSON.stringify({ type: "about:blank", title, status, detail: message, code, issues, retryAfterMs });
}
