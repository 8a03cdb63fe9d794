import type { Ack } from "@grandstand/shared/frames";
import { expect } from "vitest";

/** What an answer that failed with `code` looks like. */
export function failure(code: string) {
  return { ok: false, error: { code, message: expect.any(String) } };
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of the answer that it looks into
export function dataOf(ack: Ack): any {
  if (!ack.ok) throw new Error(`the call failed: ${JSON.stringify(ack.error)}`);
  return ack.data;
}

/** The broken rules that an answer names. */
export function issuesOf(ack: Ack) {
  return ack.ok ? [] : ack.error.issues;
}
