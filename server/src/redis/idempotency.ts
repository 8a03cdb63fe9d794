import { hash } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";

/** A caller's promise that a repeat of this call is the same call. */
export interface Idempotency {
  /** Names caller, operation and key together: the key's scope. */
  scope: string;
  /** Tells the input of the first call from another one. */
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

/** The part of one call that has an answer of its own, when the call is carried out in several scripts. */
export function partOf(idempotency: Idempotency | null, part: number): Idempotency | null {
  return idempotency && { ...idempotency, scope: `${idempotency.scope}:${part}` };
}

/** What idempotency.lua takes: the scope, from which the key is made, and the arguments `fingerprint` and `answerTtlMs`. */
export function idempotencyArguments(idempotency: Idempotency | null) {
  return {
    scope: idempotency?.scope ?? "none",
    args: { fingerprint: idempotency?.fingerprint ?? "", answerTtlMs: limits.idempotencyTtlMs },
  };
}

/** @throws {GrandstandError} `conflict` when a script answered that the key came with another input. */
export function refuseReusedKey(status: string): void {
  if (status !== "idempotency") return;
  throw new GrandstandError("conflict", "This idempotency key was used with another input", {
    issues: [{ path: "idempotencyKey", rule: "reused", message: "was used with another input" }],
  });
}
