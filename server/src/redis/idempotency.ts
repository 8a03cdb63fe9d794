import { hash } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";

/** A client's idempotency key for one call. */
export interface Idempotency {
  /** A hash of caller, operation and key. */
  scope: string;
  /** A hash of the input, to detect a key that is used with another input. */
  fingerprint: string;
}

function digest(text: string): string {
  return hash("sha256", text, "base64url");
}

export function idempotencyOf(caller: string, operation: string, key: string, input: unknown): Idempotency {
  return {
    scope: digest(`${caller}\n${operation}\n${key}`),
    fingerprint: digest(JSON.stringify(input)).slice(0, 22),
  };
}

/** Derives a separate idempotency key for each script of a call that runs several scripts. */
export function partOf(idempotency: Idempotency | null, part: number): Idempotency | null {
  return idempotency && { ...idempotency, scope: `${idempotency.scope}:${part}` };
}

/** The scope, which is part of the name of a Redis key, and the arguments of idempotency.lua. */
export function idempotencyArguments(idempotency: Idempotency | null) {
  return {
    scope: idempotency?.scope ?? "none",
    args: { fingerprint: idempotency?.fingerprint ?? "", replyTtlMs: limits.idempotencyTtlMs },
  };
}

/** @throws {GrandstandError} `conflict` when a script replied that the key was used with another input. */
export function refuseReusedKey(status: string): void {
  if (status !== "idempotency") return;
  throw new GrandstandError("conflict", "This idempotency key was used with another input", {
    issues: [{ path: "idempotencyKey", rule: "reused", message: "was used with another input" }],
  });
}
