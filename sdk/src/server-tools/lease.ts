import { GrandstandError } from "@grandstand/shared/errors";

/**
 * A holder relies on its lease for this part of the TTL, so that its work can stop before the lease ends in Redis.
 */
export const SAFETY = 0.9;

/**
 * Renews a lease three times per TTL. Calls `lose` once if the server refuses with `conflict`, or if no renewal has
 * succeeded in time.
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
    expiry = setTimeout(end, Math.max(0, since + ttlMs * SAFETY - performance.now()));
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
