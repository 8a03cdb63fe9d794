import { ReplyError } from "ioredis";

/**
 * The codes of replies that refuse a command because of Redis's state or settings, and not because of the command.
 * Redis 6 puts the code of a command within a script behind `@user_script`.
 */
const refusal =
  /(?:^|@user_script: ?\d+: ?-?)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|UNBLOCKED|WRONGPASS|NOAUTH|NOPERM)\b/;

/** Redis 7 reports a missing permission within a script as a sentence. */
const aclInScript = /^ERR (ACL failure in script|The user executing the script can't)/;

/** The messages of ioredis when no reply arrived. */
const noReply =
  /^(Connection is closed|Command timed out|Socket timeout|Stream isn't writeable|connect |read |write |Reached the max retries)/;

/** The code of a reply that means that Redis can't serve at the moment; null for other errors. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof ReplyError)) return null;
  const { message } = error as Error;
  return aclInScript.test(message) ? "NOPERM" : (refusal.exec(message)?.[1] ?? null);
}

/** True when a call failed because Redis is away or refuses to serve, and not because the call is wrong. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ReplyError) return refusalOf(error) !== null;
  return (
    error.name === "MaxRetriesPerRequestError" || error.name === "AbortError" || noReply.test(error.message)
  );
}

/** The log level of a failure in the background: an outage is logged once, by its connection or by `RedisHealth`. */
export function levelOf(error: unknown): "debug" | "error" {
  return isRedisAway(error) ? "debug" : "error";
}
