import type { FastifyInstance, FastifyReply } from "fastify";
import type { QuotaState } from "../../limits/limit-reached.js";

/**
 * The headers of every response: browsers must not guess its media type, and pages of other origins must not
 * embed it.
 */
const always = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/**
 * The headers of responses to calls. These responses may contain secrets: no cache may store them, and no page may
 * show them in a frame.
 */
const ofOperations = {
  ...always,
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Adds the security headers to every response. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(request.url.startsWith("/v1/") ? ofOperations : always);
    done();
  });
}

/**
 * Adds the state of a quota, as structured fields of draft-ietf-httpapi-ratelimit-headers-11: `q` points in `w`
 * seconds, `r` left for the next `t` seconds.
 */
export function addRateLimitHeaders(reply: FastifyReply, { policy, remaining, endsAt }: QuotaState): void {
  const { name, points, windowSeconds } = policy;
  const secondsLeft = Math.max(0, Math.ceil((endsAt - performance.now()) / 1_000));
  reply.header("ratelimit-policy", `"${name}";q=${points};w=${windowSeconds}`);
  reply.header("ratelimit", `"${name}";r=${remaining};t=${secondsLeft}`);
}
