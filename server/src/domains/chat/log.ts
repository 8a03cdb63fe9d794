import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { ChatSnapshot } from "@grandstand/shared/events/chat";
import type { Caller } from "../../core/caller.js";
import type { LogPart } from "../../live/source.js";
import { messagesOf, publicationOf } from "./items.js";
import { readLogScript, subscribeScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** A part of a room's log, and its end, as Redis had them at one moment. */
export interface LogReading {
  /** Counts the changes of access to the room. */
  access: string;
  /** The end of the log. `id` is unknown when `part` ends before it. */
  end: Position;
  part: LogPart;
}

/** The state with which a subscription begins. */
export interface SubscriptionStart extends Omit<LogReading, "part"> {
  part: LogPart | { snapshot: ChatSnapshot; reason?: RecoveryFailure; position: Position };
}

/** About how many bytes of items one reply holds. Encoded for clients they take up to twice as many. */
const PART_BYTES = 128 * 1_024;

interface RecoveredReply extends PositionReply {
  access: string;
  last: string;
  items: string[];
}

interface PositionReply {
  epoch: string;
  offset: string;
  id: string;
}

/**
 * Reads what a subscription begins with.
 * @param since the position to recover from
 * @param messages how many messages a snapshot holds
 * @throws {GrandstandError} `forbidden`
 */
export async function readSubscriptionStart(
  store: RoomStore,
  caller: Caller,
  since: Position | undefined,
  messages: number,
): Promise<SubscriptionStart> {
  const args = { ...argumentsOf(since), messages, limitBytes: PART_BYTES };
  const [status, reply] = await store.read(subscribeScript, caller, args);
  if (since && status === "recovered") return recovered(since, reply as unknown as RecoveredReply);
  const snapshotReply = reply as unknown as PositionReply & {
    access: string;
    reason: RecoveryFailure | "";
    hasMore: string;
    messages: string[];
  };
  const position = positionOf(snapshotReply);
  const { access, reason } = snapshotReply;
  const snapshot = {
    messages: messagesOf(snapshotReply.messages),
    hasMore: snapshotReply.hasMore === "1",
  };
  return { access, end: position, part: { snapshot, position, ...(reason !== "" && { reason }) } };
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

function recovered(since: Position, reply: RecoveredReply): LogReading & { part: LogPart } {
  const { epoch, access, last, items } = reply;
  const position = positionOf(reply);
  const end = position.offset === Number(last) ? position : { epoch, offset: Number(last) };
  const publications: Publication[] = items.map((item, at) => publicationOf(since.offset + 1 + at, item));
  return { access, end, part: { publications, position } };
}

function argumentsOf(position: Position | undefined) {
  return { epoch: position?.epoch ?? "", offset: position?.offset ?? 0, id: position?.id ?? "" };
}

function positionOf({ epoch, offset, id }: PositionReply): Position {
  return { epoch, offset: Number(offset), ...(id !== "" && { id }) };
}
