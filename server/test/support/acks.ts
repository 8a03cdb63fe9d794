import type { Ack } from "@grandstand/shared/frames";
import { expect } from "vitest";

/** Matches the reply of a call that failed with `code`. */
export function failure(code: string) {
  return { ok: false, error: { code, message: expect.any(String) } };
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its reply
export function dataOf(ack: Ack): any {
  if (!ack.ok) throw new Error(`the call failed: ${JSON.stringify(ack.error)}`);
  return ack.data;
}

/** The issues in an error reply. Each issue names a field and the rule that the field breaks. */
export function issuesOf(ack: Ack) {
  return ack.ok ? [] : ack.error.issues;
}
