import { z } from "zod";
import { resourceId } from "../ids.js";
import { jsonValue } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";

const cache = resourceId.describe("The id of a cache: a group of entries that share their tags.");
const key = resourceId.describe("The key of the entry in the cache.");
const value = jsonValue(limits.cacheValueBytes);
const tag = resourceId.describe("A tag.");
const token = z
  .string()
  .regex(/^[\x21-\x7e]{8,64}$/, "must be 8 to 64 visible ASCII characters")
  .describe("Random text of the caller, which identifies it as the one that loads the value.");
const entry = { cache, key };

export const cacheOperations = defineOperations({
  "cache.get": {
    summary: "Read an entry of a cache",
    rest: { method: "GET", path: "/caches/{cache}/entries/{key}" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 1,
    input: z.strictObject(entry),
    output: z.object({
      value: value.describe("The value."),
      expiresInMs: z.int().describe("How long it is kept, in ms."),
    }),
    errors: ["forbidden", "not_found"],
  },
  "cache.take": {
    summary: "Read an entry, or become the only caller that loads its value",
    rest: { method: "POST", path: "/caches/{cache}/entries/{key}/take" },
    callers: "server",
    access: "write",
    // Needs no idempotency key: a repeat with the same token gets the same response.
    isWrite: false,
    cost: 1,
    input: z.strictObject({
      ...entry,
      token,
      loadMs: z
        .int()
        .min(100)
        .max(limits.cacheLoadMs)
        .default(30_000)
        .describe("How long the caller may take to load the value, in ms. Then another caller may load it."),
    }),
    output: z.object({
      status: z
        .enum(["hit", "load", "wait"])
        .describe("`hit`: here is the value. `load`: load it and put it. `wait`: another caller loads it."),
      value: value.nullable().describe("The value; null unless the status is `hit`."),
      remainingMs: z
        .int()
        .describe("How long the value is kept, or for how much longer a caller may load it, in ms."),
    }),
    errors: ["forbidden"],
  },
  "cache.put": {
    summary: "Store an entry of a cache",
    rest: { method: "PUT", path: "/caches/{cache}/entries/{key}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 2,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      ...entry,
      value: value.describe("Any JSON value."),
      ttlMs: z.int().min(1).max(limits.cacheTtlMs).describe("How long to keep it, in ms."),
      tags: z
        .array(tag)
        .max(limits.tagsPerCacheEntry)
        .default([])
        .describe("Tags whose invalidation drops the entry."),
      token: token
        .optional()
        .describe(
          "The token of `cache.take`. The value is then stored only if nothing invalidated it since.",
        ),
    }),
    output: z.object({
      stored: z
        .boolean()
        .describe("False when the entry was deleted, invalidated or taken by another caller."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "cache.release": {
    summary: "Give up loading a value, so that another caller may load it",
    rest: { method: "POST", path: "/caches/{cache}/entries/{key}/release" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ ...entry, token }),
    output: z.object({ released: z.boolean().describe("Whether the caller was loading the value.") }),
    errors: ["forbidden", "conflict"],
  },
  "cache.delete": {
    summary: "Delete an entry of a cache; a value that is being loaded is not stored",
    rest: { method: "DELETE", path: "/caches/{cache}/entries/{key}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject(entry),
    output: z.object({ deleted: z.boolean().describe("Whether there was an entry.") }),
    errors: ["forbidden", "conflict"],
  },
  "cache.invalidate": {
    summary:
      "Drop all entries of a cache that have one of the tags; values that are being loaded are not stored",
    rest: { method: "POST", path: "/caches/{cache}/invalidate" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 2,
    input: z.strictObject({
      cache,
      tags: z
        .array(tag)
        .min(1)
        .max(limits.tagsPerCacheEntry)
        .optional()
        .describe("The tags. Without them the whole cache is dropped."),
    }),
    output: z.object({ cache }),
    errors: ["forbidden", "conflict"],
  },
});
