import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import { type JsonBytes, phrase } from "../../core/json-bytes.js";
import type { ProfileTexts } from "../../profiles/shown-profiles.js";
import { standingOf, textsIn } from "./entry-codec.js";
import type { PackedRows } from "./packed-rows.js";
import { idOf } from "./stored-id.js";

const COMMA = ",".charCodeAt(0);
/** An upper bound for the length of all `phrases` of one entry: the constant parts of its JSON. */
const PHRASES_BYTES = 200;

const phrases = {
  member: phrase('{"member":'),
  score: phrase(',"score":'),
  subscore: phrase(',"subscore":'),
  rank: phrase(',"rank":'),
  metadata: phrase(',"metadata":'),
  profile: phrase(',"profile":'),
  reachedAt: phrase(',"reachedAt":"'),
  end: phrase('"}'),
  none: phrase("null"),
};

/** The members of rows, in order. */
export function membersOf(rows: PackedRows): string[] {
  const { bytes } = rows;
  return Array.from({ length: rows.count }, (_, at) => {
    // Any order and any ZSET score will do here, because `idFrom` depends on neither.
    const { idFrom } = standingOf("asc", bytes, rows.memberFrom(at), 0);
    return idOf(bytes, idFrom, rows.memberTo(at));
  });
}

/**
 * Writes the entries of a page, with commas between them. The bytes are those of `JSON.stringify(entryOf(...))` with the
 * current profiles. Stored profiles and metadata are JSON, so they are copied and not parsed.
 * @param profiles the current profiles of the members, in the same order
 */
export function writeEntries(
  json: JsonBytes,
  order: BoardOrder,
  rows: PackedRows,
  members: readonly string[],
  ranks: (at: number) => number,
  profiles: ProfileTexts,
): void {
  const { bytes, count } = rows;
  const found = count === 0 ? "" : bytes.toString("latin1", 0, rows.zsetScoreTo(count - 1));
  for (let at = 0; at < count; at += 1) {
    const zsetScore = Number(found.slice(rows.zsetScoreFrom(at), rows.zsetScoreTo(at)));
    const { score, subscore, sequenceMs } = standingOf(order, bytes, rows.memberFrom(at), zsetScore);
    const { ownTimeMs, profileFrom, profileTo, to } = textsIn(bytes, rows.recordFrom(at), rows.recordTo(at));
    json.reserve(PHRASES_BYTES);
    if (at > 0) json.byte(COMMA);
    json.phrase(phrases.member);
    json.string(members[at]!);
    json.phrase(phrases.score);
    json.number(score);
    json.phrase(phrases.subscore);
    json.number(subscore);
    json.phrase(phrases.rank);
    json.number(ranks(at));
    json.phrase(phrases.metadata);
    if (profileTo === to) json.phrase(phrases.none);
    else json.copy(bytes, profileTo, to);
    json.reserve(PHRASES_BYTES);
    json.phrase(phrases.profile);
    const profile = profiles.of(at);
    if (profile !== null) json.text(profile);
    else if (profileFrom === profileTo) json.phrase(phrases.none);
    else json.copy(bytes, profileFrom, profileTo);
    json.reserve(PHRASES_BYTES);
    json.phrase(phrases.reachedAt);
    json.time(ownTimeMs || sequenceMs);
    json.phrase(phrases.end);
  }
}
