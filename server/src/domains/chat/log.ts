import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { LogPart } from "../../live/source.js";
import { publicationOf } from "./items.js";
import { readLogScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** A part of a room's log and the end of the whole log, read in one script. */
export interface LogReading {
  /**
   * The number of times that the access to the room has changed. If it differs from the number in the last reading, but no
   * message `access` arrived in between, such a message was lost.
   */
  accessVersion: string;
  /** The position of the log's last item. It has no `id` when `part` ends before the last item. */
  end: Position;
  part: LogPart;
}

/** About how many bytes of items one reply contains. The encoding for clients can take twice as many bytes. */
export const PART_BYTES = 128 * 1_024;

export interface RecoveredReply extends PositionReply {
  accessVersion: string;
  last: string;
  items: string[];
}

export interface PositionReply {
  epoch: string;
  offset: string;
  id: string;
}

/** Reads the items after a position. If they exceed PART_BYTES, it reads only the first items, up to about PART_BYTES. */
export async function readLog(store: RoomStore, since: Position): Promise<LogReading> {
  const args = { ...argumentsOf(since), limitBytes: PART_BYTES };
  const [status, reply] = await store.read(readLogScript, null, args);
  if (status === "recovered") return recovered(since, reply as unknown as RecoveredReply);
  const lost = reply as unknown as PositionReply & { accessVersion: string; reason: RecoveryFailure };
  const position = positionOf(lost);
  return { accessVersion: lost.accessVersion, end: position, part: { reason: lost.reason, position } };
}

/** Decodes the reply `recovered` of read-log.lua or subscribe.lua. */
export function recovered(since: Position, reply: RecoveredReply): LogReading & { part: LogPart } {
  const { epoch, accessVersion, last, items } = reply;
  const position = positionOf(reply);
  const end = position.offset === Number(last) ? position : { epoch, offset: Number(last) };
  const publications: Publication[] = items.map((item, at) => publicationOf(since.offset + 1 + at, item));
  return { accessVersion, end, part: { publications, position } };
}

export function argumentsOf(position: Position | undefined) {
  return { epoch: position?.epoch ?? "", offset: position?.offset ?? 0, id: position?.id ?? "" };
}

export function positionOf({ epoch, offset, id }: PositionReply): Position {
  return { epoch, offset: Number(offset), ...(id !== "" && { id }) };
}
