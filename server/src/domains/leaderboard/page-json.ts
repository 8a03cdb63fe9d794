import { byteString, textOfBytes } from "../../core/byte-string.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { ProfileTexts } from "../../profiles/shown-profiles.js";
import { placeLength, SEQUENCE_BYTES, subscoreIn } from "./entry-codec.js";
import type { PackedRows } from "./packed-rows.js";

/** What a JSON string contains as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The members of rows, in order. */
export function membersOf(rows: PackedRows, text: string): string[] {
  return Array.from({ length: rows.count }, (_, at) => textOfBytes(idAt(rows, text, at)));
}

/**
 * The entries of a page as a JSON array, cut together from the JSON that Redis has stored: byte for byte what
 * `JSON.stringify` makes of `entryOf`.
 * @param text the bytes of the rows as a byte string
 * @param profiles how the members are shown, in order
 * @returns a byte string
 */
export function entriesJson(
  rows: PackedRows,
  text: string,
  ranks: (at: number) => number,
  profiles: ProfileTexts,
): string {
  const { bytes, count } = rows;
  let json = "[";
  for (let at = 0; at < count; at += 1) {
    const id = idAt(rows, text, at);
    const member = PLAIN.test(id) ? `"${id}"` : byteString(JSON.stringify(textOfBytes(id)));
    const from = rows.recordFrom(at);
    const to = rows.recordTo(at);
    const reachedAt = from + placeLength(bytes[from]!);
    const profileFrom = reachedAt + SEQUENCE_BYTES + 2;
    const profileTo = profileFrom + bytes.readUInt16BE(profileFrom - 2);
    const stored = profileFrom === profileTo ? "null" : text.slice(profileFrom, profileTo);
    const profile = profiles.of(at) ?? stored;
    const metadata = profileTo === to ? "null" : text.slice(profileTo, to);
    const score = Number(text.slice(rows.scoreFrom(at), rows.scoreTo(at)));
    const subscore = subscoreIn(bytes, from);
    const time = toIsoTime(bytes.readUIntBE(reachedAt, SEQUENCE_BYTES));
    if (at > 0) json += ",";
    json += `{"member":${member},"score":${score},"subscore":${subscore},"rank":${ranks(at)},"metadata":${metadata},"profile":${profile},"reachedAt":"${time}"}`;
  }
  return `${json}]`;
}

function idAt(rows: PackedRows, text: string, at: number): string {
  const from = rows.memberFrom(at);
  return text.slice(from + placeLength(rows.bytes[from]!), rows.memberTo(at));
}
