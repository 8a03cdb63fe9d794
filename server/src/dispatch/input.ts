import { GrandstandError } from "@grandstand/shared/errors";
import { idempotencyKey } from "@grandstand/shared/ids";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import { z } from "zod";
import { describe, issuesOf } from "./issues.js";
import { plainJson } from "./plain-json.js";

export interface CheckedInput {
  /** With defaults filled in; what the operation's handler takes. */
  input: unknown;
  idempotencyKey: string | null;
}

const keyBesideInput = z.object({ idempotencyKey });

/**
 * Checks what a caller sent against an operation.
 * @param sent decoded JSON; a missing input counts as an empty one
 * @param bytes how much was sent
 * @throws {GrandstandError} `payload_too_large`, or `bad_request` naming every field that breaks a rule.
 */
export function checkInput(operation: Operation, sent: unknown, bytes: number): CheckedInput {
  const limitBytes = operation.bodyLimitBytes ?? limits.bodyBytes;
  if (bytes > limitBytes) throw payloadTooLarge(limitBytes);
  const plain = plainJson(sent ?? {});
  if (!operation.isWrite || !isObject(plain) || plain.idempotencyKey === undefined) {
    return { input: checked(operation.input, plain), idempotencyKey: null };
  }
  const { idempotencyKey: _, ...input } = plain;
  const { idempotencyKey: key } = checked(keyBesideInput, plain);
  return { input: checked(operation.input, input), idempotencyKey: key };
}

export function payloadTooLarge(limitBytes: number): GrandstandError {
  return new GrandstandError("payload_too_large", `At most ${limitBytes} bytes may be sent here`);
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return result.data;
  const issues = issuesOf(result.error);
  const [first] = issues;
  throw new GrandstandError("bad_request", `${first?.path || "The input"} ${first?.message}`, { issues });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
