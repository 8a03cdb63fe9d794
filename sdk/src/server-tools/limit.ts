import type { OutputOf, ServerClient } from "../server.js";

export interface LimitRule {
  /** How many points a key has. Spent points come back evenly over the window. */
  points: number;
  /** How long it takes until all points of a key are back, in ms. */
  windowMs: number;
  /** How many points the request takes. 1 when not given. */
  cost?: number;
}

export interface CheckedLimit extends OutputOf<"limit.check"> {
  /**
   * Headers for the app's response: `RateLimit-Policy`, `RateLimit`, and `Retry-After` if the request is
   * refused.
   */
  headers: Record<string, string>;
}

export interface Limit {
  /**
   * Counts a request against a limit that all servers of the app share.
   * @param limit the name of the limit, such as `login`
   * @param key identifies the requester, such as a user id or an address
   */
  check(limit: string, key: string, rule: LimitRule): Promise<CheckedLimit>;
}

export function createLimit(client: ServerClient): Limit {
  return {
    async check(limit, key, rule) {
      const checked = await client.limit.check({ limit, key, ...rule });
      const { allowed, remaining, resetMs, retryAfterMs } = checked;
      const headers: Record<string, string> = {
        "RateLimit-Policy": `"${limit}";q=${rule.points};w=${seconds(rule.windowMs)}`,
        RateLimit: `"${limit}";r=${remaining};t=${seconds(resetMs)}`,
      };
      if (!allowed) headers["Retry-After"] = String(seconds(retryAfterMs));
      return { ...checked, headers };
    },
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
