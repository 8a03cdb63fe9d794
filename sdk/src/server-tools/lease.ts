import { GrandstandError } from "@grandstand/shared/errors";

/** The part of the TTL for which a holder relies on its lease. The rest is time to stop the work before the lease ends. */
export const TRUSTED_PART = 0.9;

/**
 * Renews a lease three times per TTL. Calls `lose` once: when the server refuses with `conflict`, or when TRUSTED_PART of
 * the TTL has passed since the last successful request was sent.
 * @param sentAt when the request that got the lease was sent, by `performance.now()`
 * @returns a function that stops the renewal
 */
export function keepLease(
  { ttlMs, sentAt }: { ttlMs: number; sentAt: number },
  renew: (timeoutMs: number) => Promise<unknown>,
  lose: (cause?: unknown) => void,
): () => void {
  let expiry: ReturnType<typeof setTimeout>;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    clearInterval(renewals);
    clearTimeout(expiry);
  };
  const end = (cause?: unknown) => {
    if (isStopped) return;
    stop();
    lose(cause);
  };
  const watch = (since: number) => {
    clearTimeout(expiry);
    expiry = setTimeout(end, Math.max(0, since + ttlMs * TRUSTED_PART - performance.now()));
  };
  const renewals = setInterval(async () => {
    const at = performance.now();
    try {
      await renew(ttlMs / 3);
      if (!isStopped) watch(at);
    } catch (error) {
      if (error instanceof GrandstandError && error.code === "conflict") end(error);
    }
  }, ttlMs / 3);
  watch(sentAt);
  return stop;
}
