import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { ChatSnapshot } from "@grandstand/shared/events/chat";
import type { Caller } from "../../core/caller.js";
import type { LogPart } from "../../live/source.js";
import { messagesOf, publicationOf } from "./items.js";
import { missedScript, openScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** What Redis says of a room's log at one moment. */
export interface Reading {
  /** Counts the changes of who may see the room. */
  access: string;
  /** Where the log ends. `id` is not known when that is behind what was read. */
  end: Position;
  part: LogPart;
}

/** What a subscriber begins with. */
export interface Opening extends Omit<Reading, "part"> {
  part: LogPart | { snapshot: ChatSnapshot; reason?: RecoveryFailure; position: Position };
}

/** How many bytes of items one reply holds, about. Encoded for clients they are up to twice as many. */
const PART_BYTES = 128 * 1_024;

function argumentsOf(position: Position | undefined) {
  return [position?.epoch ?? "", position?.offset ?? 0, position?.id ?? ""];
}

function positionOf(epoch: string, offset: string, id: string): Position {
  return { epoch, offset: Number(offset), ...(id !== "" && { id }) };
}

function publicationsFrom(offset: number, items: string[]): Publication[] {
  return items.map((item, at) => publicationOf(offset + 1 + at, item));
}

/**
 * Reads what a subscriber begins with.
 * @param since where it wants to go on
 * @param messages how many the snapshot holds where it can't
 * @throws {GrandstandError} `forbidden`
 */
export async function readOpening(
  store: RoomStore,
  caller: Caller,
  since: Position | undefined,
  messages: number,
): Promise<Opening> {
  const [epoch, access, outcome, offset, id, last, ...rest] = (await store.run(openScript, caller, [
    ...argumentsOf(since),
    messages,
    PART_BYTES,
  ])) as [string, string, string, string, string, string, ...string[]];
  const position = positionOf(epoch, offset, id);
  if (since && outcome === "recovered") {
    const publications = publicationsFrom(since.offset, rest);
    return { access, end: endOf(position, last), part: { publications, position } };
  }
  const snapshot = { messages: messagesOf(rest), hasMore: last === "1" };
  const reason = outcome === "fresh" ? undefined : (outcome as RecoveryFailure);
  return { access, end: position, part: { snapshot, position, ...(reason && { reason }) } };
}

/** Reads what lies behind a position, or as much of it as should be read at once. */
export async function readMissed(store: RoomStore, since: Position): Promise<Reading> {
  const [epoch, access, outcome, offset, id, last, ...rest] = (await store.runForNode(missedScript, [
    ...argumentsOf(since),
    PART_BYTES,
  ])) as [string, string, string, string, string, string, ...string[]];
  const position = positionOf(epoch, offset, id);
  if (outcome !== "recovered") {
    return { access, end: position, part: { reason: outcome as RecoveryFailure, position } };
  }
  const publications = publicationsFrom(since.offset, rest);
  return { access, end: endOf(position, last), part: { publications, position } };
}

function endOf(position: Position, last: string): Position {
  return position.offset === Number(last) ? position : { epoch: position.epoch, offset: Number(last) };
}
