import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { LogPart } from "../../live/source.js";
import { publicationOf } from "./items.js";
import { readLogScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** A part of a room's log, and its end, as Redis had them at one moment. */
export interface LogReading {
  /** Counts the changes of access to the room. */
  access: string;
  /** The end of the log. `id` is unknown when `part` ends before it. */
  end: Position;
  part: LogPart;
}

/** About how many bytes of items one reply holds. Encoded for clients they take up to twice as many. */
export const PART_BYTES = 128 * 1_024;

export interface RecoveredReply extends PositionReply {
  access: string;
  last: string;
  items: string[];
}

export interface PositionReply {
  epoch: string;
  offset: string;
  id: string;
}

/** Reads what follows a position, or a first part of it. */
export async function readLog(store: RoomStore, since: Position): Promise<LogReading> {
  const args = { ...argumentsOf(since), limitBytes: PART_BYTES };
  const [status, reply] = await store.read(readLogScript, null, args);
  if (status === "recovered") return recovered(since, reply as unknown as RecoveredReply);
  const lost = reply as unknown as PositionReply & { access: string; reason: RecoveryFailure };
  const position = positionOf(lost);
  return { access: lost.access, end: position, part: { reason: lost.reason, position } };
}

/** A part of the log, from the reply of a script. */
export function recovered(since: Position, reply: RecoveredReply): LogReading & { part: LogPart } {
  const { epoch, access, last, items } = reply;
  const position = positionOf(reply);
  const end = position.offset === Number(last) ? position : { epoch, offset: Number(last) };
  const publications: Publication[] = items.map((item, at) => publicationOf(since.offset + 1 + at, item));
  return { access, end, part: { publications, position } };
}

export function argumentsOf(position: Position | undefined) {
  return { epoch: position?.epoch ?? "", offset: position?.offset ?? 0, id: position?.id ?? "" };
}

export function positionOf({ epoch, offset, id }: PositionReply): Position {
  return { epoch, offset: Number(offset), ...(id !== "" && { id }) };
}
