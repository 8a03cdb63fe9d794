import type { OperationName } from "@grandstand/shared/contract";
import { isWrite } from "./operations.js";

/** Adds a new idempotency key to the input of a write that has none. */
export function withIdempotencyKey(operation: OperationName, input: object): object {
  if (!isWrite(operation)) return input;
  const { idempotencyKey }: { idempotencyKey?: string | undefined } = input;
  return { ...input, idempotencyKey: idempotencyKey ?? newKey() };
}

/**
 * 128 random bits as hexadecimal. `crypto.randomUUID` is not used, because browsers offer it only on pages
 * with TLS or on localhost, and a server in a local network often has no TLS.
 */
export function newKey(): string {
  const bytes = new Uint8Array(16);
  // React Native has no `crypto`. `Math.random` is good enough: a key must be unique, but it is no secret.
  if (typeof crypto === "undefined") for (const at of bytes.keys()) bytes[at] = Math.random() * 256;
  else crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
