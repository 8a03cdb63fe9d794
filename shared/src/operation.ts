import type { z } from "zod";
import type { Access } from "./access.js";
import type { ErrorCode } from "./errors.js";

/** One operation, as plain data. Transports, the SDK and the documents derive everything from it. */
export interface Operation {
  /** One line, for the documents. */
  summary: string;
  /**
   * The REST endpoint under `/v1`; null when the operation needs a live connection. `{name}` in the path is a field of
   * the input. GET and DELETE read the other fields from the query, the other methods from a JSON body.
   */
  rest: {
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    path: string;
    status?: 200 | 201;
    /**
     * Given if one REST request makes many calls. A `download` makes a call for each page, and streams the output field
     * `content` of all pages. An `upload` splits a body of any length. Each part is the input field `content` of one call.
     */
    stream?: "download" | "upload";
    /**
     * The response to a GET has an `ETag`, with which a caller can check later whether the response has changed.
     */
    hasEtag?: true;
  } | null;
  /** Who may call it. The rules of the resource apply in addition. */
  callers: "anyone" | "authenticated" | "server";
  /**
   * The right that the operation needs, and on which channels. An operation for `server` callers that needs `moderate`
   * is also open to users whose tokens allow `moderate`.
   */
  access: Access;
  /** A write accepts an `idempotencyKey` in addition to its input. */
  isWrite: boolean;
  /** The points that a call takes from a quota. A read of one thing costs 1. */
  cost: number;
  /** The largest input in bytes; `limits.bodyBytes` when not given. */
  bodyLimitBytes?: number;
  input: z.ZodObject;
  output: z.ZodType;
  /**
   * The error codes of this operation. The codes with which a hook refuses a call are not included. Neither are the codes
   * that any call can return: `bad_request`, `unauthenticated`, `payload_too_large`, `rate_limited`, `unavailable` and
   * `internal`.
   */
  errors: readonly ErrorCode[];
}

/** Whether a REST endpoint has no body. Fields that are not in its path are then in the query. */
export function readsQuery({ method }: Pick<NonNullable<Operation["rest"]>, "method">): boolean {
  return method === "GET" || method === "DELETE";
}

/** Checks a table of operations and keeps its literal types. */
export function defineOperations<const T extends Record<string, Operation>>(operations: T): T {
  return operations;
}
