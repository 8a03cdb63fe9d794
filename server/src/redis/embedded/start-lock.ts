import { open, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** A process renews its lock while it starts Redis, so a lock that is older than this belongs to a process that was killed. */
const STALE_AFTER_MS = 10_000;
const RENEW_EVERY_MS = 1_000;
const RETRY_EVERY_MS = 50;

/**
 * Runs `start` while no other process runs it under the same lock file. Without the lock, two processes could start a
 * Redis at the same time. The second Redis would not fail, because it replaces the first one's socket. Both would write
 * the same files.
 */
export async function withStartLock<T>(lockPath: string, start: () => Promise<T>): Promise<T> {
  while (!(await isAcquired(lockPath))) {
    if (await isStale(lockPath)) await rm(lockPath, { force: true });
    else await delay(RETRY_EVERY_MS);
  }
  const renewal = setInterval(() => void renew(lockPath), RENEW_EVERY_MS);
  try {
    return await start();
  } finally {
    clearInterval(renewal);
    await rm(lockPath, { force: true });
  }
}

async function isAcquired(lockPath: string): Promise<boolean> {
  try {
    await (await open(lockPath, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function renew(lockPath: string): Promise<void> {
  const now = new Date();
  // If another process has removed the lock, `start` goes on without the lock.
  await utimes(lockPath, now, now).catch(() => {});
}

async function isStale(lockPath: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lockPath)).mtimeMs > STALE_AFTER_MS;
  } catch {
    return false;
  }
}
