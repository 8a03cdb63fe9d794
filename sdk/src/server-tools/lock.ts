import { GrandstandError } from "@grandstand/shared/errors";
import { growingDelays } from "../growing-delays.js";
import { pause } from "../pause.js";
import type { ServerClient } from "../server.js";

export interface LockOptions {
  /** How long to wait for the lock, in ms. 10,000 when not given; 0 tries once. */
  waitMs?: number;
  /** Ends the wait, which rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface HeldLock {
  /** Rises with each owner. What the lock protects refuses a number lower than one that it has seen. */
  readonly fence: number;
  /** Aborted when the lock may be lost: the work has to stop. */
  readonly signal: AbortSignal;
}

export interface Lock {
  /**
   * Runs `work` while this caller alone holds the lock, and renews it meanwhile. The lock is released when the work ends;
   * it ends by itself when the process dies.
   * @param ttlMs how long the lock outlives a process that dies, in ms
   * @throws {GrandstandError} `conflict` when the lock was not free in time, or was lost during the work
   */
  with<T>(
    resource: string,
    ttlMs: number,
    work: (held: HeldLock) => Promise<T> | T,
    options?: LockOptions,
  ): Promise<T>;
}

const WAIT_MS = 10_000;
/** How much earlier than Redis an owner regards its lock as lost. */
const SAFETY = 0.9;

export function createLock(client: ServerClient): Lock {
  return {
    async with(lock, ttlMs, work, { waitMs = WAIT_MS, signal } = {}) {
      const { token, fence, sentAt } = await acquire(client, lock, ttlMs, waitMs, signal);
      const lost = new AbortController();
      const stopRenewing = renew(client, { lock, token, ttlMs, sentAt }, lost);
      try {
        const result = await work({ fence, signal: lost.signal });
        lost.signal.throwIfAborted();
        return result;
      } finally {
        stopRenewing();
        // The lock ends by itself when this fails.
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
    // The reply may have come after the lock had ended.
    if (token !== null && fence !== null && performance.now() - sentAt < ttlMs * SAFETY) {
      return { token, fence, sentAt };
    }
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) {
      throw new GrandstandError("conflict", `The lock ${lock} is held by another caller`, {
        issues: [{ path: "lock", rule: "held", message: "is held by another caller" }],
        retryAfterMs: remainingMs,
      });
    }
    signal?.throwIfAborted();
    await pause(Math.min(nextDelay(), leftMs), signal);
  }
}

/**
 * Renews a lock three times in its life. Aborts `lost` when somebody else may hold it.
 * @returns a function that stops it
 */
function renew(
  client: ServerClient,
  { lock, token, ttlMs, sentAt }: { lock: string; token: string; ttlMs: number; sentAt: number },
  lost: AbortController,
): () => void {
  let heldSince = sentAt;
  let expiry: ReturnType<typeof setTimeout>;
  const lose = (cause?: unknown) => {
    stop();
    const issues = [{ path: "lock", rule: "lost", message: "was lost before the work ended" }];
    lost.abort(new GrandstandError("conflict", `The lock ${lock} was lost`, { issues, cause }));
  };
  const watch = () => {
    clearTimeout(expiry);
    expiry = setTimeout(lose, Math.max(0, heldSince + ttlMs * SAFETY - performance.now()));
  };
  const renewals = setInterval(async () => {
    const at = performance.now();
    try {
      await client.lock.renew({ lock, token, ttlMs }, { timeoutMs: ttlMs / 3 });
      heldSince = at;
      if (!lost.signal.aborted && !isStopped) watch();
    } catch (error) {
      if (error instanceof GrandstandError && error.code === "conflict") lose(error);
    }
  }, ttlMs / 3);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    clearInterval(renewals);
    clearTimeout(expiry);
  };
  watch();
  return stop;
}
