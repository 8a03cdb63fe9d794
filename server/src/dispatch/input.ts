import { GrandstandError } from "@grandstand/shared/errors";
import { idempotencyKey } from "@grandstand/shared/ids";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import { z } from "zod";
import { plainJson } from "../core/plain-json.js";
import { validate } from "../core/validation.js";

export interface CheckedInput {
  /** With defaults filled in, for the operation's handler. */
  input: unknown;
  idempotencyKey: string | null;
}

const keyBesideInput = z.object({ idempotencyKey });

/**
 * Validates the input of an operation.
 * @param sent decoded JSON; a missing input counts as an empty one
 * @param bytes the size of what was sent
 * @throws {GrandstandError} `payload_too_large`, or `bad_request` naming the fields that break a rule (`validate`).
 */
export function checkInput(operation: Operation, sent: unknown, bytes: number): CheckedInput {
  const limitBytes = operation.bodyLimitBytes ?? limits.bodyBytes;
  if (bytes > limitBytes) throw payloadTooLarge(limitBytes);
  const plain = plainJson(sent ?? {});
  if (!operation.isWrite || !isObject(plain) || plain.idempotencyKey === undefined) {
    return { input: validate(operation.input, plain), idempotencyKey: null };
  }
  const { idempotencyKey: _, ...input } = plain;
  const { idempotencyKey: key } = validate(keyBesideInput, plain);
  return { input: validate(operation.input, input), idempotencyKey: key };
}

export function payloadTooLarge(limitBytes: number): GrandstandError {
  return new GrandstandError("payload_too_large", `At most ${limitBytes} bytes may be sent here`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
