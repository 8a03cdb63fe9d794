import { notOurCursor } from "../shared/id-index.js";

/** Where a page ends: behind a stay, which says something within its epoch only. */
export function encodeCursor(epoch: string, stay: number): string {
  return `${epoch}:${stay}`;
}

/** @throws {GrandstandError} `bad_request` when it is none of ours. */
export function decodeCursor(cursor: string | undefined): { epoch: string; stay: string } {
  if (cursor === undefined) return { epoch: "", stay: "0" };
  const [, epoch, stay] = /^([0-9a-f-]{36}):(\d{1,15})$/.exec(cursor) ?? [];
  if (epoch !== undefined && stay !== undefined) return { epoch, stay };
  throw notOurCursor();
}
