import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import { byteString } from "../../core/byte-string.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { ProfileTexts } from "../../profiles/shown-profiles.js";
import { standingOf, textsIn } from "./entry-codec.js";
import type { PackedRows } from "./packed-rows.js";
import { idOf } from "./stored-id.js";

/** What a JSON string contains as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The members of rows, in order. */
export function membersOf(rows: PackedRows): string[] {
  const { bytes } = rows;
  return Array.from({ length: rows.count }, (_, at) => {
    // The id begins at the same byte in every order and at every point.
    const { idFrom } = standingOf("asc", bytes, rows.memberFrom(at), 0);
    return idOf(bytes, idFrom, rows.memberTo(at));
  });
}

/**
 * The entries of a page as a JSON array, cut together from the JSON that Redis has stored: byte for byte what
 * `JSON.stringify` makes of `entryOf`.
 * @param text the bytes of the rows as a byte string
 * @param profiles how the members are shown, in order
 * @returns a byte string
 */
export function entriesJson(
  order: BoardOrder,
  rows: PackedRows,
  text: string,
  members: readonly string[],
  ranks: (at: number) => number,
  profiles: ProfileTexts,
): string {
  const { bytes, count } = rows;
  let json = "[";
  for (let at = 0; at < count; at += 1) {
    const id = members[at]!;
    const member = PLAIN.test(id) ? `"${id}"` : byteString(JSON.stringify(id));
    const point = Number(text.slice(rows.pointFrom(at), rows.pointTo(at)));
    const { score, subscore, sequenceMs } = standingOf(order, bytes, rows.memberFrom(at), point);
    const texts = textsIn(bytes, rows.recordFrom(at), rows.recordTo(at));
    const { ownTimeMs, profileFrom, profileTo, to } = texts;
    const stored = profileFrom === profileTo ? "null" : text.slice(profileFrom, profileTo);
    const profile = profiles.of(at) ?? stored;
    const metadata = profileTo === to ? "null" : text.slice(profileTo, to);
    const time = toIsoTime(ownTimeMs || sequenceMs);
    if (at > 0) json += ",";
    json += `{"member":${member},"score":${score},"subscore":${subscore},"rank":${ranks(at)},"metadata":${metadata},"profile":${profile},"reachedAt":"${time}"}`;
  }
  return `${json}]`;
}
