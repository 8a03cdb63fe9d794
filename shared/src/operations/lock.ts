import { z } from "zod";
import { resourceId } from "../ids.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";

const lock = resourceId.describe("The id of the lock: the resource that it protects.");
const token = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, "must be the token of a lock")
  .describe("The token of the owner, from `lock.acquire`.");
const ttlMs = z
  .int()
  .min(100)
  .max(limits.lockTtlMs)
  .describe("How long the lock is held unless it is renewed, in ms.");
const fence = z
  .int()
  .describe(
    "A number that rises with each owner. The resource that the lock protects refuses a lower number than it has seen.",
  );

export const lockOperations = defineOperations({
  "lock.acquire": {
    summary: "Acquire a lock if it is free",
    rest: { method: "POST", path: "/locks/{lock}/acquire" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ lock, ttlMs }),
    output: z.object({
      acquired: z.boolean().describe("False when another owner holds the lock."),
      token: token
        .nullable()
        .describe("The token that renews and releases the lock; null when not acquired."),
      fence: fence
        .nullable()
        .describe(
          "A number that rises with each owner, so that the resource that the lock protects can refuse earlier owners; null when not acquired.",
        ),
      remainingMs: z
        .int()
        .describe(
          "How long the lock is held by its owner from now, in ms. 0 if a repeated call with the same idempotency key comes after the lock has ended.",
        ),
    }),
    errors: ["forbidden", "conflict"],
  },
  "lock.renew": {
    summary: "Hold a lock for longer",
    rest: { method: "POST", path: "/locks/{lock}/renew" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ lock, token, ttlMs }),
    output: z.object({
      remainingMs: z
        .int()
        .describe(
          "How long the lock is held from now, in ms. 0 if a repeated call with the same idempotency key comes after the lock has ended.",
        ),
    }),
    errors: ["forbidden", "conflict"],
  },
  "lock.release": {
    summary: "Release a lock",
    rest: { method: "POST", path: "/locks/{lock}/release" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ lock, token }),
    output: z.object({
      released: z.boolean().describe("False when the caller did not hold the lock any more."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "lock.get": {
    summary: "Read whether a lock is held",
    rest: { method: "GET", path: "/locks/{lock}" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 1,
    input: z.strictObject({ lock }),
    output: z.object({
      held: z.boolean().describe("Whether the lock has an owner."),
      fence: fence.nullable().describe("The fencing number of the owner; null without one."),
      remainingMs: z
        .int()
        .describe("How long the lock is held unless it is renewed, in ms; 0 when it is free."),
    }),
    errors: ["forbidden"],
  },
});
