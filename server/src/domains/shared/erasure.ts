import type { JsonObject } from "@grandstand/shared/json";
import type { Call } from "../../core/call.js";

/** What an erasure removed in one domain: counts by kind, such as `{ entries: 3 }`. */
export type Erased = Record<string, number>;

/** A part of what a domain stores about a user. */
export interface ExportedPart {
  lines: JsonObject[];
  /** The cursor of the next part; null after the last part. */
  nextCursor: string | null;
}

/** A domain that stores data about users. */
export interface UserDataDomain {
  /** Removes everything about a user, in bounded steps. It may run again after a failure. */
  eraseUser?(user: string): Promise<Erased>;
  /** Reads what the domain stores about a user. @param cursor "" for the first part */
  exportUser?(user: string, cursor: string): Promise<ExportedPart>;
}

/** The call that a domain passes to its own handlers during an erasure. */
export const erasureCall: Call = {
  caller: { kind: "server", keyName: "erasure" },
  connection: null,
  idempotency: null,
  afterReply: () => {},
};

export function addErased(sum: Erased, more: Erased): Erased {
  const kinds = new Set([...Object.keys(sum), ...Object.keys(more)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, (sum[kind] ?? 0) + (more[kind] ?? 0)]));
}

/** Runs an action for each element, a few at a time. */
export async function forEachInParallel<T>(
  elements: readonly T[],
  atOnce: number,
  action: (element: T) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < elements.length; at += atOnce) {
    await Promise.all(elements.slice(at, at + atOnce).map(action));
  }
}
