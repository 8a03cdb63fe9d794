import type { OutputOf } from "@grandstand/shared/contract";
import type { Caller } from "../../core/caller.js";
import { notOurCursor } from "../shared/id-index.js";
import { checkNoOutsider, subjectOf } from "../shared/room-access.js";
import { MESSAGE_BYTES, memberOf, recordsOf } from "./member.js";
import { readPageScript } from "./scripts.js";
import type { PresenceStore } from "./store.js";

/** Reads one page of members, in the order in which they joined. */
export async function readPage(
  store: PresenceStore,
  caller: Caller,
  limit: number,
  cursor?: string,
): Promise<OutputOf<"presence.get">> {
  checkNoOutsider(caller, "presence", store.room);
  const { epoch: cursorEpoch, joinOffset } = decodeCursor(cursor);
  const { epoch, offset, count, hasMore, members } = await store.run(readPageScript, {
    caller: subjectOf(caller),
    granted: store.grantedTo(caller),
    cursorEpoch,
    behind: joinOffset,
    limit,
    limitBytes: MESSAGE_BYTES,
  });
  const records = recordsOf(members);
  return {
    count: Number(count),
    members: records.map(([user, record]) => memberOf(user, record)),
    nextCursor: hasMore === "1" ? encodeCursor(epoch, records.at(-1)![1].joinOffset) : null,
    position: epoch === "" ? null : { epoch, offset: Number(offset) },
  };
}

/** A cursor contains the join offset of a page's last member, and the epoch within which the join offset is valid. */
export function encodeCursor(epoch: string, joinOffset: number): string {
  return `${epoch}:${joinOffset}`;
}

/** @throws {GrandstandError} `bad_request` for a text that is not a cursor. */
function decodeCursor(cursor: string | undefined): { epoch: string; joinOffset: string } {
  if (cursor === undefined) return { epoch: "", joinOffset: "0" };
  const [, epoch, joinOffset] = /^([0-9a-f-]{36}):(\d{1,15})$/.exec(cursor) ?? [];
  if (epoch !== undefined && joinOffset !== undefined) return { epoch, joinOffset };
  throw notOurCursor();
}
