import type { FastifyReply } from "fastify";
import { type EncodedResult, namesTag } from "../../core/encoded-result.js";

/** The headers in which a credential comes. */
const CREDENTIALS = "Authorization, X-Api-Key, Cookie";

/** Sends JSON as it is; or nothing but 304 to a caller who has it already. */
export function sendEncoded(
  reply: FastifyReply,
  status: number,
  { json, etag }: EncodedResult,
  ifNoneMatch: string | null,
): FastifyReply {
  if (etag !== null) {
    const vary = reply.getHeader("vary");
    // A browser may keep the answer for its own user, and asks each time whether it still holds.
    reply.headers({
      etag,
      "cache-control": "private, no-cache",
      vary: vary === undefined ? CREDENTIALS : `${vary}, ${CREDENTIALS}`,
    });
    if (ifNoneMatch !== null && namesTag(ifNoneMatch, etag)) return reply.code(304).send();
  }
  return reply.code(status).type("application/json; charset=utf-8").send(json);
}
