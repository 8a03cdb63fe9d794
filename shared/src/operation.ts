import type { z } from "zod";
import type { Access } from "./access.js";
import type { ErrorCode } from "./errors.js";

/** One operation, as plain data. Everything that a transport, the SDK or the documents need is derived. */
export interface Operation {
  /** One line, for the documents. */
  summary: string;
  /**
   * Its REST form under `/v1`; null when it needs a live connection. `{name}` in the path takes that field
   * of the input; GET and DELETE take the other fields from the query, the rest from a JSON body.
   */
  rest: {
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    path: string;
    status?: 200 | 201;
    /**
     * Over REST one request is many calls: a `download` answers with the `content` of page after page, an `upload`
     * takes a body of any length as the `content` of part after part.
     */
    stream?: "download" | "upload";
  } | null;
  /** Who may call it at all; the resource's own rules come on top. */
  callers: "anyone" | "authenticated" | "server";
  /**
   * The right that it needs, and on which channels. What is for servers by `callers` and needs `moderate` is also for
   * users whose tokens allow that.
   */
  access: Access;
  /** A write takes an `idempotencyKey` beside its input. */
  isWrite: boolean;
  /** What it weighs in rate limits; 1 is a read of one thing. */
  cost: number;
  /** Bytes of the largest input; `limits.bodyBytes` when not given. */
  bodyLimitBytes?: number;
  input: z.ZodObject;
  output: z.ZodType;
  /** Beyond `bad_request`, `unauthenticated`, `rate_limited`, `unavailable` and `internal`, which any may meet. */
  errors: readonly ErrorCode[];
}

/** Checks a table of operations and keeps its literal types. */
export function defineOperations<const T extends Record<string, Operation>>(operations: T): T {
  return operations;
}
