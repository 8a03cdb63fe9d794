import { GrandstandError } from "@grandstand/shared/errors";
import { growingDelays } from "../growing-delays.js";
import { pause } from "../pause.js";
import type { ServerClient } from "../server.js";
import { keepLease, TRUSTED_PART } from "./lease.js";

export interface LockOptions {
  /** How long to wait for the lock, in ms. 10,000 when not given; 0 tries once. */
  waitMs?: number;
  /** Aborts the wait for the lock: `with` then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface HeldLock {
  /**
   * A fencing token: each owner of the lock gets a higher number than the owner before. Pass it with each
   * write, so that the protected resource can refuse a number lower than one that it has seen.
   */
  readonly fence: number;
  /** Aborted when the lock may be lost. `work` must stop when this signal is aborted. */
  readonly signal: AbortSignal;
}

export interface Lock {
  /**
   * Acquires a lock, runs `work`, and releases the lock. While `work` runs, the lock is renewed. If the
   * process dies, the lock expires.
   * @param ttlMs how long after the last renewal the lock expires, in ms
   * @throws {GrandstandError} `conflict` if the lock was not free in time, or was lost while `work` ran
   */
  with<T>(
    resource: string,
    ttlMs: number,
    work: (held: HeldLock) => Promise<T> | T,
    options?: LockOptions,
  ): Promise<T>;
}

const WAIT_MS = 10_000;

export function createLock(client: ServerClient): Lock {
  return {
    async with(lock, ttlMs, work, { waitMs = WAIT_MS, signal } = {}) {
      const { token, fence, sentAt } = await acquire(client, lock, ttlMs, waitMs, signal);
      const lost = new AbortController();
      const stopRenewing = keepLease(
        { ttlMs, sentAt },
        (timeoutMs) => client.lock.renew({ lock, token, ttlMs }, { timeoutMs }),
        (cause) => {
          const issues = [{ path: "lock", rule: "lost", message: "was lost before the work ended" }];
          lost.abort(new GrandstandError("conflict", `The lock ${lock} was lost`, { issues, cause }));
        },
      );
      try {
        const result = await work({ fence, signal: lost.signal });
        lost.signal.throwIfAborted();
        return result;
      } finally {
        stopRenewing();
        // If the release fails, the lock expires after its TTL.
        await client.lock.release({ lock, token }, { timeoutMs: ttlMs }).catch(() => {});
      }
    },
  };
}

async function acquire(
  client: ServerClient,
  lock: string,
  ttlMs: number,
  waitMs: number,
  signal: AbortSignal | undefined,
) {
  const deadline = performance.now() + waitMs;
  const nextDelay = growingDelays(20, 500);
  for (;;) {
    const sentAt = performance.now();
    const { token, fence, remainingMs } = await client.lock.acquire(
      { lock, ttlMs },
      signal ? { signal } : {},
    );
    // If the reply took too long, the lock may have expired already.
    if (token !== null && fence !== null && performance.now() - sentAt < ttlMs * TRUSTED_PART) {
      return { token, fence, sentAt };
    }
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) {
      throw new GrandstandError("conflict", `The lock ${lock} is held by another caller`, {
        issues: [{ path: "lock", rule: "held", message: "is held by another caller" }],
        retryAfterMs: remainingMs,
      });
    }
    await pause(Math.min(nextDelay(), leftMs), signal);
  }
}
