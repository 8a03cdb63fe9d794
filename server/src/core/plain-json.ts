import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";

/**
 * Returns an input as plain JSON of at most 32 levels. A field `__proto__` is left out, so that no later code
 * takes it for a prototype.
 * @throws {GrandstandError} `bad_request` when the input has more levels, or binary parts (Socket.IO).
 */
export function plainJson(value: unknown): unknown {
  return isPlain(value, limits.jsonDepth) ? value : copied(value, limits.jsonDepth);
}

/** Most inputs are plain already and need no copy. */
function isPlain(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0 || ArrayBuffer.isView(value) || Object.hasOwn(value, "__proto__")) return false;
  for (const inner of Object.values(value)) if (!isPlain(inner, levels - 1)) return false;
  return true;
}

function copied(value: unknown, levels: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) throw notAllowed("depth", `must be at most ${limits.jsonDepth} levels deep`);
  if (ArrayBuffer.isView(value)) throw notAllowed("json", "must be JSON without binary parts");
  if (Array.isArray(value)) return value.map((inner) => copied(inner, levels - 1));
  const entries = Object.entries(value).filter(([key]) => key !== "__proto__");
  return Object.fromEntries(entries.map(([key, inner]) => [key, copied(inner, levels - 1)]));
}

function notAllowed(rule: string, message: string): GrandstandError {
  return new GrandstandError("bad_request", `The input ${message}`, {
    issues: [{ path: "", rule, message }],
  });
}
