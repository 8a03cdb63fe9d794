import type { z } from "zod";
import type { Access } from "./access.js";
import type { ErrorCode } from "./errors.js";

/** One operation, as plain data. Transports, the SDK and the documents are derived from it. */
export interface Operation {
  /** One line for the documents. */
  summary: string;
  /**
   * Its REST form under `/v1`; null when it needs a live connection. `{name}` in the path is a field of the input.
   * GET and DELETE take the other fields from the query, other methods from a JSON body.
   */
  rest: {
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    path: string;
    status?: 200 | 201;
    /**
     * Set when one REST request makes many calls: a `download` streams the `content` of all pages; an `upload` splits
     * a body of any length into parts, each the `content` of one call.
     */
    stream?: "download" | "upload";
  } | null;
  /** Who may call it. The rules of the board, room or counter apply in addition. */
  callers: "anyone" | "authenticated" | "server";
  /**
   * The right that it needs, and on which channels. If `callers` is `server` and the right is `moderate`, users with that
   * right may call it too.
   */
  access: Access;
  /** A write takes an `idempotencyKey` beside its input. */
  isWrite: boolean;
  /** Its cost in points of a quota. Reading one item costs 1. */
  cost: number;
  /** Bytes of the largest input; `limits.bodyBytes` when not given. */
  bodyLimitBytes?: number;
  input: z.ZodObject;
  output: z.ZodType;
  /** Its errors besides `bad_request`, `unauthenticated`, `rate_limited`, `unavailable` and `internal`. */
  errors: readonly ErrorCode[];
}

/** Type-checks a table of operations and keeps its literal types. */
export function defineOperations<const T extends Record<string, Operation>>(operations: T): T {
  return operations;
}
