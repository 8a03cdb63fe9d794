import { ReplyError } from "ioredis";

/** Errors of a Redis that cannot serve now but may serve later. */
const passing = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|UNBLOCKED)\b/;

/** Errors of ioredis for a command without a reply. */
const silent =
  /^(Connection is closed|Command timed out|Stream isn't writeable|connect |read |write |Reached the max retries)/;

/** Whether a call failed because Redis was unavailable or busy, and not because of a wrong command. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ReplyError) return passing.test(error.message);
  return (
    error.name === "MaxRetriesPerRequestError" || error.name === "AbortError" || silent.test(error.message)
  );
}

/** The log level for a failure in the background. The connection logs an outage once, so its consequences are debug messages. */
export function levelOf(error: unknown): "debug" | "error" {
  return isRedisAway(error) ? "debug" : "error";
}
