import { errorTable, type WireError } from "@grandstand/shared/errors";
import type { FastifyReply } from "fastify";

/** What is wrong with a request that can't even be routed. */
export const unreadable: WireError = { code: "bad_request", message: "The request can't be read" };

/** Answers with an RFC 9457 problem document. */
export function sendProblem(reply: FastifyReply, error: WireError): FastifyReply {
  const { status, title } = errorTable[error.code];
  if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
  if (error.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  const { code, message, issues, retryAfterMs } = error;
  return reply
    .code(status)
    .header("x-content-type-options", "nosniff")
    .type("application/problem+json")
    .send(
      JSON.stringify({ type: "about:blank", title, status, detail: message, code, issues, retryAfterMs }),
    );
}
