import { GrandstandError } from "@grandstand/shared/errors";
import { refuseReusedKey } from "../../redis/idempotency.js";

const conflicts: Record<string, { path: string; message: (limit: string | undefined) => string }> = {
  kind: {
    path: "counter",
    message: () =>
      "has the wrong kind: counter.add and counter.set need a total, counter.visit a unique counter",
  },
  kindStays: { path: "kind", message: () => "can't change: delete the counter first" },
  uniqueBound: { path: "kind", message: () => "can't be unique with min or max: visitors can't be refused" },
  bounds: { path: "min", message: () => "must not be above max" },
  min: { path: "value", message: (limit) => `must not be below ${limit}` },
  max: { path: "value", message: (limit) => `must not be above ${limit}` },
  overflow: { path: "value", message: (limit) => `must be a whole number within ${limit} of zero` },
};

/**
 * Maps a script's status to an error.
 * @param limit the bound that refused the value, when the status is `min`, `max` or `overflow`
 * @throws {GrandstandError} unless the status is `ok`
 */
export function throwUnlessOk(status: string, limit?: string): void {
  if (status !== "ok") throw errorOf(status, limit);
}

/** The error for a result of add.lua or visit.lua that refuses a call, such as "max 10". */
export function refusalOf(result: string): GrandstandError {
  const [rule, limit] = result.split(" ");
  return errorOf(rule!, limit);
}

function errorOf(status: string, limit: string | undefined): GrandstandError {
  refuseReusedKey(status);
  if (status === "not_found") return new GrandstandError("not_found", "There is no such counter");
  if (status === "forbidden") {
    return new GrandstandError("forbidden", "Only a server with an API key may write to this counter");
  }
  const conflict = conflicts[status];
  if (!conflict) throw new TypeError(`a counter script returned the unknown status ${status}`);
  const { path } = conflict;
  const message = conflict.message(limit);
  return new GrandstandError("conflict", `${path} ${message}`, { issues: [{ path, rule: status, message }] });
}
