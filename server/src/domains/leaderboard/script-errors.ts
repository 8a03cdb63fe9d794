import { GrandstandError } from "@grandstand/shared/errors";
import { refuseReusedKey } from "../../redis/idempotency.js";

const notFound: Record<string, string> = {
  not_found: "There is no such board",
  no_entry: "The member has no entry on this board",
  no_season: "There is no such season, or it is no longer kept",
};

/**
 * Throws the error for a script's status.
 * @param reply the named values that follow the status
 * @throws {GrandstandError} unless the status is `ok`
 */
export function throwUnlessOk(status: string, reply: Partial<Record<string, string>> = {}): void {
  if (status === "ok") return;
  refuseReusedKey(status);
  const missing = notFound[status];
  if (missing !== undefined) throw new GrandstandError("not_found", missing);
  if (status === "layout") {
    throw new GrandstandError(
      "unavailable",
      "The board is stored in the layout of another version: export its entries with that version, delete the board, and import them",
    );
  }
  if (status === "forbidden") {
    throw new GrandstandError("forbidden", "Only a server with an API key may write to this board");
  }
  if (status === "order" || status === "subscoreOrder") {
    throw conflict(status, status, "can't change while the board has entries");
  }
  if (status === "fields") {
    throw conflict("fields", "fields", "can't change while an open season has entries: close it first");
  }
  if (status === "where") {
    const message = "must name one of the board's fields, and a value of at most 256 bytes";
    throw new GrandstandError("bad_request", `where ${message}`, {
      issues: [{ path: "where", rule: "field", message }],
    });
  }
  if (status === "fieldValue") throw ruleBroken(status, reply.field, undefined);
  if (status === "maxValuesPerField") throw ruleBroken(status, reply.limit, reply.field);
  if (status === "bounds") throw conflict("min", "bounds", "must not be above max");
  if (status === "windows") {
    throw conflict("windows", "windows", "can't leave out a window whose season has entries: close it first");
  }
  throw new TypeError(`a leaderboard script returned the unknown status ${status}`);
}

/**
 * The error for a score that breaks a rule of the board.
 * @param limit the limit of the rule; for `fieldValue` the metadata field
 * @param detail for `minIntervalMs` the time to wait in ms; for `maxValuesPerField` the metadata field
 */
export function ruleBroken(rule: string, limit: string | undefined, detail: string | undefined) {
  if (rule === "fieldValue") {
    const message =
      "must be a text of at most 256 bytes, a number or a boolean, because the board ranks by it";
    return conflict(`metadata.${limit}`, rule, message);
  }
  if (rule === "maxValuesPerField") {
    return conflict(
      `metadata.${detail}`,
      rule,
      `would be more than ${limit} values of this field in the season`,
    );
  }
  const messages: Record<string, string> = {
    overflow: `the sum would not be exact: an integer must be within ${Number.MAX_SAFE_INTEGER} of zero`,
    min: `must not be below ${limit}`,
    max: `must not be above ${limit}`,
    maxDelta: `must not be more than ${limit} from the current score`,
    minIntervalMs: `may change once in ${limit} ms`,
  };
  return conflict(
    "score",
    rule,
    messages[rule] ?? "breaks a rule of the board",
    detail === undefined ? undefined : Number(detail),
  );
}

function conflict(path: string, rule: string, message: string, retryAfterMs?: number): GrandstandError {
  return new GrandstandError("conflict", `${path} ${message}`, {
    issues: [{ path, rule, message }],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Whether an error refuses the `where` of a read: the board does not rank by that field, or the value is not valid. */
export function isWhereRefused(error: unknown): boolean {
  return error instanceof GrandstandError && error.issues?.some(({ path }) => path === "where") === true;
}

/** For `catch`: turns `not_found` into null, and throws any other error. */
export function nullWhereNotFound(error: unknown): null {
  if (error instanceof GrandstandError && error.code === "not_found") return null;
  throw error;
}

/** The error of a call that gives up, because the board's windows or seasons changed during each of its attempts. */
export function changesTooOften(): GrandstandError {
  return new GrandstandError("unavailable", "The board changes too often", { retryAfterMs: 1_000 });
}
