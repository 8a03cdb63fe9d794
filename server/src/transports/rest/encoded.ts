import type { FastifyReply } from "fastify";
import { type EncodedResult, namesTag } from "../../core/encoded-result.js";

/** The headers in which a credential comes. */
const CREDENTIALS = "Authorization, X-Api-Key, Cookie";

/** Sends encoded JSON, or 304 without a body to a caller that has this JSON already. */
export function sendEncoded(
  reply: FastifyReply,
  status: number,
  { json, etag }: EncodedResult,
  ifNoneMatch: string | null,
): FastifyReply {
  const vary = reply.getHeader("vary");
  // A browser may store the response for its own user, and has to check each time whether it has changed.
  reply.headers({
    etag,
    "cache-control": "private, no-cache",
    vary: vary === undefined ? CREDENTIALS : `${vary}, ${CREDENTIALS}`,
  });
  if (ifNoneMatch !== null && namesTag(ifNoneMatch, etag)) return reply.code(304).send();
  return reply.code(status).type("application/json; charset=utf-8").send(json);
}
