import type { RedisOptions } from "ioredis";
import { refusalOf } from "./faults.js";

/** A command without a reply fails after this time. */
export const COMMAND_TIMEOUT_MS = 2_500;
export const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that is silent for this long while commands wait for replies is replaced. */
const SILENCE_LIMIT_MS = 3_000;
/** The silence limit for jobs. It is longer, because BullMQ's commands block for up to 10 seconds. */
const JOBS_SILENCE_LIMIT_MS = 15_000;
/** The least time between two reconnects that a READONLY error causes. */
const READONLY_RECONNECT_MS = 500;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 500;
/** A connection that is lost within this time after the previous loss counts as a failed attempt. */
const LASTING_MS = 5_000;

/**
 * The delay before each reconnect. ioredis resets its own count of attempts after each connection, but a server may
 * accept connections and close them at once. So this delay grows until a connection has lasted LASTING_MS.
 */
export function reconnectDelays(): () => number {
  let lastAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  return () => {
    const now = performance.now();
    failures = now - lastAt > LASTING_MS ? 0 : failures + 1;
    lastAt = now;
    return Math.min(FIRST_DELAY_MS * (failures + 1), LONGEST_DELAY_MS);
  };
}

/** A primary that was demoted refuses writes. A new connection may reach the new primary. */
function reconnectOnReadonly(): (error: Error) => boolean {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (refusalOf(error) !== "READONLY") return false;
    const now = performance.now();
    if (now - lastAt < READONLY_RECONNECT_MS) return false;
    lastAt = now;
    return true;
  };
}

type ConnectionOptions = Omit<RedisOptions, "replyMapping">;

const common = { connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_LIMIT_MS, lazyConnect: true };

function reconnecting() {
  return { retryStrategy: reconnectDelays(), reconnectOnError: reconnectOnReadonly() };
}

/**
 * For commands. A command fails when its connection closes. Redis may have run the command, so only the caller knows
 * whether a retry is safe.
 */
export function commandOptions(): ConnectionOptions {
  return {
    ...common,
    ...reconnecting(),
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Auto-pipelining sends a pipeline only after all replies to the previous pipeline. So a command would wait for
    // thousands of other commands.
    enableAutoPipelining: false,
  };
}

/** For subscriptions. Their commands wait for Redis without a time limit. */
export function subscriptionOptions(): ConnectionOptions {
  return { ...common, ...reconnecting(), maxRetriesPerRequest: null };
}

/** For BullMQ. Its commands may block, and wait for Redis without a time limit. For a Cluster see `JOB_RETRIES`, cluster.ts. */
export function jobOptions(): ConnectionOptions {
  return { ...subscriptionOptions(), socketTimeout: JOBS_SILENCE_LIMIT_MS };
}
