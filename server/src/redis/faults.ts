import { ReplyError } from "ioredis";
import { NotReplicatedError } from "./not-replicated.js";

/**
 * The codes of replies that refuse a command because of Redis's state or settings, and not because of the command.
 * If a command within a script is refused, Redis 6 puts the code after `@user_script`.
 */
const refusal =
  /(?:^|@user_script: ?\d+: ?-?)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|OOM|MISCONF|NOREPLICAS|UNBLOCKED|WRONGPASS|NOAUTH|NOPERM)\b/;

/** Redis 7 reports a missing permission within a script as a sentence. */
const aclInScript = /^ERR (ACL failure in script|The user executing the script can't)/;

/** A slot of a Cluster moved while a script ran. */
const movedInScript = /^ERR Script attempted to access a non local key/;

/** The error messages of ioredis, and of the sockets below it, when no reply arrived. */
const noReply =
  /^(Connection is closed|Command timed out|Socket timeout|Stream isn't writeable|connect |read |write |Reached the max retries|Too many Cluster redirections|Cluster is |Cluster isn't ready|None of startup nodes|All sentinels are unreachable)/;

/** The class names of further errors of ioredis when no reply arrived. */
const noReplyNames = ["MaxRetriesPerRequestError", "AbortError", "ClusterAllFailedError"];

/** The code of an error reply with which Redis refuses to serve, such as `OOM`; null for other errors. */
export function refusalOf(error: unknown): string | null {
  if (error instanceof NotReplicatedError) return "NOREPLICAS";
  if (!(error instanceof ReplyError)) return null;
  const { message } = error as Error;
  if (movedInScript.test(message)) return "MOVED";
  // EXECABORT: the reason is in the reply to one of the commands of the transaction.
  const { previousErrors = [] } = error as { previousErrors?: unknown[] };
  if (message.startsWith("EXECABORT"))
    return previousErrors.map(refusalOf).find((code) => code !== null) ?? null;
  return aclInScript.test(message) ? "NOPERM" : (refusal.exec(message)?.[1] ?? null);
}

/** True when a call failed because Redis is unavailable or refuses to serve, and not because the call is wrong. */
export function isRedisUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (refusalOf(error) !== null) return true;
  if (error instanceof ReplyError) return false;
  return noReplyNames.includes(error.name) || (error.name === "Error" && noReply.test(error.message));
}

/**
 * The log level of a failure in the background. An outage is `debug`, because `OutageLog` (outage-log.ts) or `RedisHealth`
 * (health.ts) logs each outage once.
 */
export function levelOf(error: unknown): "debug" | "error" {
  return isRedisUnavailable(error) ? "debug" : "error";
}
