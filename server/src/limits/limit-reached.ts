import { GrandstandError } from "@grandstand/shared/errors";

/** Where someone stands within a quota, for the `RateLimit` headers of REST. */
export interface QuotaState {
  readonly policy: { readonly name: string; readonly points: number; readonly windowSeconds: number };
  /** What is left of the quota, as far as this node knows. */
  readonly remaining: number;
  /** When the quota is whole again, in ms since 1970. */
  readonly endsAtMs: number;
}

/** A call or a connection past a limit. It changed nothing. */
export class LimitReached extends GrandstandError {
  /** @param quotaState where the limit is a quota */
  constructor(
    limit: string,
    retryAfterMs: number,
    readonly quotaState: QuotaState | null = null,
  ) {
    super("rate_limited", `The limit ${limit} is reached`, {
      retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
    });
  }
}
