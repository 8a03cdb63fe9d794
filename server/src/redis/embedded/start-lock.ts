import { open, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/**
 * A lock this old belongs to a start that was killed, or to one whose Redis is loading its data: that one
 * listens already, and so is noticed without the lock.
 */
const STALE_AFTER_MS = 10_000;
const RETRY_EVERY_MS = 50;

/**
 * Runs `start` while no other process runs one under the same lock file. Redis itself takes over a socket
 * that another one listens on, so two starts at the same moment would both write the same files.
 */
export async function withStartLock<T>(lockPath: string, start: () => Promise<T>): Promise<T> {
  while (!(await isAcquired(lockPath))) {
    if (await isStale(lockPath)) await rm(lockPath, { force: true });
    else await delay(RETRY_EVERY_MS);
  }
  try {
    return await start();
  } finally {
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

async function isStale(lockPath: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lockPath)).mtimeMs > STALE_AFTER_MS;
  } catch {
    return false;
  }
}
