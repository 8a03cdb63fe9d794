import { GrandstandError } from "@grandstand/shared/errors";

/** Where a page ends: behind a stay, which says something within its epoch only. */
export function encodeCursor(epoch: string, stay: number): string {
  return `${epoch}:${stay}`;
}

/** @throws {GrandstandError} `bad_request` when it is none of ours. */
export function decodeCursor(cursor: string | undefined): { epoch: string; stay: string } {
  if (cursor === undefined) return { epoch: "", stay: "0" };
  const [, epoch, stay] = /^([0-9a-f-]{36}):(\d{1,15})$/.exec(cursor) ?? [];
  if (epoch !== undefined && stay !== undefined) return { epoch, stay };
  throw new GrandstandError("bad_request", "The cursor is not one of this server's", {
    issues: [{ path: "cursor", rule: "cursor", message: "must be a nextCursor of an earlier answer" }],
  });
}
