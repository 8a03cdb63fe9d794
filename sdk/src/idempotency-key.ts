import type { OperationName } from "@grandstand/shared/contract";
import { isWrite } from "./operations.js";

/** The input of a call as it is sent. A write without an idempotency key gets a new one. */
export function withIdempotencyKey(operation: OperationName, input: object): object {
  if (!isWrite(operation)) return input;
  const { idempotencyKey }: { idempotencyKey?: string | undefined } = input;
  return { ...input, idempotencyKey: idempotencyKey ?? newKey() };
}

/**
 * 128 random bits. `crypto.randomUUID` exists on secure origins only, and a self-hosted server on a local network
 * often has no TLS.
 */
export function newKey(): string {
  const bytes = new Uint8Array(16);
  // React Native has no `crypto`. A key must be unique, but it is no secret.
  if (typeof crypto === "undefined") for (const at of bytes.keys()) bytes[at] = Math.random() * 256;
  else crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
