import { GrandstandError } from "@grandstand/shared/errors";
import { refuseReusedKey } from "../../redis/idempotency.js";

const forbidden = "Only a server with an API key may write to this counter";

const conflicts: Record<string, { path: string; message: (limit: string | undefined) => string }> = {
  kind: {
    path: "counter",
    message: () => "is of the other kind: totals are added to, unique counters visited",
  },
  kindStays: { path: "kind", message: () => "can't change: delete the counter first" },
  min: { path: "value", message: (limit) => `must not be below ${limit}` },
  max: { path: "value", message: (limit) => `must not be above ${limit}` },
  overflow: { path: "value", message: (limit) => `must be a whole number within ${limit} of zero` },
};

/**
 * Turns a status of a script into an error. Bounds come with their limit, as in "max 10".
 * @throws {GrandstandError} unless the status is `ok`.
 */
export function refuse(status: string): void {
  if (status === "ok") return;
  refuseReusedKey(status);
  if (status === "not_found") throw new GrandstandError("not_found", "There is no such counter");
  if (status === "forbidden") throw new GrandstandError("forbidden", forbidden);
  const [rule, limit] = status.split(" ");
  const conflict = conflicts[rule!];
  if (!conflict) throw new TypeError(`a counter's script returned the unknown status ${status}`);
  const { path } = conflict;
  const message = conflict.message(limit);
  throw new GrandstandError("conflict", `${path} ${message}`, { issues: [{ path, rule: rule!, message }] });
}
