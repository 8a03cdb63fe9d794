import { z } from "zod";
import { limits } from "./limits.js";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** True when `value` has at most `levels` levels of objects and arrays. */
function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithinDepth(inner, levels - 1));
}

/** A free-form JSON object of at most `maxBytes` bytes of UTF-8. */
export function jsonObject(maxBytes: number) {
  return z
    .custom<JsonObject>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "must be a JSON object",
    )
    .refine((value) => isWithinDepth(value, limits.jsonDepth), {
      message: `must be at most ${limits.jsonDepth} levels deep`,
      abort: true,
    })
    .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= maxBytes, {
      message: `must be at most ${maxBytes} bytes of JSON`,
    })
    .meta({ type: "object", additionalProperties: true });
}

/** Any JSON value of at most `maxBytes` bytes of UTF-8. */
export function jsonValue(maxBytes: number) {
  return z
    .custom<Json>((value) => value !== undefined, "must be a JSON value")
    .refine((value) => isWithinDepth(value, limits.jsonDepth), {
      message: `must be at most ${limits.jsonDepth} levels deep`,
      abort: true,
    })
    .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= maxBytes, {
      message: `must be at most ${maxBytes} bytes of JSON`,
    });
}

/** A point in time: ISO 8601 in UTC. */
export const timestamp = z.iso
  .datetime()
  .meta({ id: "Timestamp", description: "A point in time: ISO 8601 in UTC." });
