import type { RedisOptions } from "ioredis";
import { refusalOf } from "./faults.js";

/** A command without a reply fails after this time. */
export const COMMAND_TIMEOUT_MS = 2_500;
export const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that is silent for this long while commands wait for replies is replaced. */
const SILENCE_LIMIT_MS = 3_000;
/** The same for jobs: BullMQ's commands block for up to 10 seconds. */
const JOBS_SILENCE_LIMIT_MS = 15_000;
/** The least time between two reconnects because of READONLY. */
const READONLY_RECONNECT_MS = 500;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 500;
/** A connection that was lost sooner than this after the last one counts as a failed attempt. */
const LASTING_MS = 5_000;

/**
 * The delay before each reconnect. It grows until a connection has lasted, because ioredis counts anew after each
 * connection, and a server may accept connections and close them at once.
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

/** For commands: each fails as soon as its connection closes. It may have run, so only callers can repeat it. */
export function commandOptions(): ConnectionOptions {
  return {
    ...common,
    ...reconnecting(),
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Auto-pipelining sends one pipeline at a time, so that every command would wait for a batch of thousands.
    enableAutoPipelining: false,
  };
}

/** For subscriptions, whose commands wait for Redis as long as it takes. */
export function subscriptionOptions(): ConnectionOptions {
  return { ...common, ...reconnecting(), maxRetriesPerRequest: null };
}

/** For BullMQ, whose commands block and wait for Redis as long as it takes. */
export function jobOptions(): ConnectionOptions {
  return { ...subscriptionOptions(), socketTimeout: JOBS_SILENCE_LIMIT_MS };
}
