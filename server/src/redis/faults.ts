import { ReplyError } from "ioredis";

/** Replies that say that Redis can't serve now but may serve later. */
const passing = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|UNBLOCKED)\b/;

/** What ioredis raises when no answer came. */
const silent =
  /^(Connection is closed|Command timed out|Stream isn't writeable|connect |read |write |Reached the max retries)/;

/** True when a call failed because Redis was away or busy, and not because it was wrong. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ReplyError) return passing.test(error.message);
  return (
    error.name === "MaxRetriesPerRequestError" || error.name === "AbortError" || silent.test(error.message)
  );
}

/** How loud to log what failed in the background: that Redis is away is told of once, by its connection. */
export function levelOf(error: unknown): "debug" | "error" {
  return isRedisAway(error) ? "debug" : "error";
}
