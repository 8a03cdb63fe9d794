import { GrandstandError } from "@grandstand/shared/errors";

/** What is left of a quota, for the `RateLimit` headers of REST. */
export interface QuotaState {
  readonly policy: { readonly name: string; readonly points: number; readonly windowSeconds: number };
  /** The points left, as far as this node knows. */
  readonly remaining: number;
  /** When the quota renews, by `performance.now()`. */
  readonly endsAt: number;
}

/** The error of a call or connection that exceeds a limit. The refused call changed nothing. */
export class LimitReached extends GrandstandError {
  /**
   * @param limitName the limit's name in metrics, one of a few fixed names
   * @param limit completes the error text `The limit ... is reached`
   * @param quotaState given when the limit is a quota
   */
  constructor(
    readonly limitName: string,
    limit: string,
    retryAfterMs: number,
    readonly quotaState: QuotaState | null = null,
  ) {
    super("rate_limited", `The limit ${limit} is reached`, {
      retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
    });
  }
}
