import { GrandstandError } from "@grandstand/shared/errors";
import { refuseReusedKey } from "../../redis/idempotency.js";

const notFound: Record<string, string> = {
  not_found: "There is no such board",
  no_entry: "The member has no entry on this board",
  no_season: "There is no such season, or it is no longer kept",
};

/**
 * Maps a script's status to an error.
 * @throws {GrandstandError} unless the status is `ok`
 */
export function throwUnlessOk(status: string): void {
  if (status === "ok") return;
  refuseReusedKey(status);
  const missing = notFound[status];
  if (missing !== undefined) throw new GrandstandError("not_found", missing);
  if (status === "forbidden") {
    throw new GrandstandError("forbidden", "Only a server with an API key may write to this board");
  }
  if (status === "order") throw conflict("order", "order", "can't change while the board has entries");
  if (status === "windows") {
    throw conflict("windows", "windows", "can't leave out a window whose season has entries: close it first");
  }
  throw new TypeError(`a leaderboard script returned the unknown status ${status}`);
}

/** The error for a score that breaks a rule of the board. */
export function ruleBroken(rule: string, limit: string | undefined, waitMs: string | undefined) {
  const messages: Record<string, string> = {
    overflow: `the sum would not be exact: an integer must be within ${Number.MAX_SAFE_INTEGER} of zero`,
    min: `must not be below ${limit}`,
    max: `must not be above ${limit}`,
    maxDelta: `must not be more than ${limit} from the present score`,
    minIntervalMs: `may change once in ${limit} ms`,
  };
  return conflict(
    "score",
    rule,
    messages[rule] ?? "breaks a rule of the board",
    waitMs === undefined ? undefined : Number(waitMs),
  );
}

function conflict(path: string, rule: string, message: string, retryAfterMs?: number): GrandstandError {
  return new GrandstandError("conflict", `${path} ${message}`, {
    issues: [{ path, rule, message }],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** For `catch`: turns `not_found` into null, and throws any other error. */
export function nullWhereNotFound(error: unknown): null {
  if (error instanceof GrandstandError && error.code === "not_found") return null;
  throw error;
}

/** The windows or seasons of the board changed during every attempt. */
export function changesTooOften(): GrandstandError {
  return new GrandstandError("unavailable", "The board changes too often", { retryAfterMs: 1_000 });
}
