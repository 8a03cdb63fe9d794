import type { FastifyReply } from "fastify";
import type { QuotaState } from "../../limits/limit-reached.js";

/**
 * Adds the state of a quota to a response, as in draft-ietf-httpapi-ratelimit-headers-11: `q` points in `w` seconds, `r` left
 * for the next `t` seconds.
 */
export function showQuotaState(reply: FastifyReply, { policy, remaining, endsAtMs }: QuotaState): void {
  const { name, points, windowSeconds } = policy;
  const secondsLeft = Math.max(0, Math.ceil((endsAtMs - Date.now()) / 1_000));
  reply.header("ratelimit-policy", `"${name}";q=${points};w=${windowSeconds}`);
  reply.header("ratelimit", `"${name}";r=${remaining};t=${secondsLeft}`);
}
