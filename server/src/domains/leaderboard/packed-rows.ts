// The first bytes of values in MessagePack. FIX_LIST and FIX_TEXT have the length added to them. NONE is `false`, which
// Lua packs for a missing record.
const FIX_LIST = 0x90;
const LIST_16 = 0xdc;
const LIST_32 = 0xdd;
const FIX_TEXT = 0xa0;
const NONE = 0xc2;
const TEXT_8 = 0xd9;
const TEXT_16 = 0xda;
const TEXT_32 = 0xdb;

/**
 * The rows of a page, as rows.lua packs them: the MessagePack of two lists of strings. The first list alternates ZSET
 * members and their ZSET scores. The second list has one string for each row: the record of its entry. The string is ""
 * if the entry has no record, or if its record contains nothing but what the ZSET member contains too (a bare record in
 * entry-codec.lua).
 */
export class PackedRows {
  readonly bytes: Buffer;
  readonly count: number;
  /** The start and the end of each string in `bytes`, in the order of the strings. */
  readonly #bounds: Uint32Array;

  /**
   * Empty bytes are a page without rows.
   * @throws {TypeError} for values that are not two such lists; truncated bytes are not always noticed
   */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    if (bytes.length === 0) {
      this.count = 0;
      this.#bounds = new Uint32Array();
      return;
    }
    const found = listAt(bytes, 0);
    this.count = found.length / 2;
    this.#bounds = new Uint32Array(this.count * 6);
    const recordsAt = readTexts(bytes, found.from, found.length, this.#bounds, 0);
    const records = listAt(bytes, recordsAt);
    if (records.length !== this.count) throw new TypeError("the rows and the records differ in number");
    readTexts(bytes, records.from, this.count, this.#bounds, found.length);
  }

  /** The index in `bytes` at which the ZSET member of a row begins. */
  memberFrom(at: number): number {
    return this.#bounds[at * 4]!;
  }

  memberTo(at: number): number {
    return this.#bounds[at * 4 + 1]!;
  }

  zsetScoreFrom(at: number): number {
    return this.#bounds[at * 4 + 2]!;
  }

  zsetScoreTo(at: number): number {
    return this.#bounds[at * 4 + 3]!;
  }

  recordFrom(at: number): number {
    return this.#bounds[(this.count * 2 + at) * 2]!;
  }

  recordTo(at: number): number {
    return this.#bounds[(this.count * 2 + at) * 2 + 1]!;
  }
}

function listAt(bytes: Buffer, at: number): { length: number; from: number } {
  const kind = bytes[at]!;
  if (kind >= FIX_LIST && kind < FIX_TEXT) return { length: kind - FIX_LIST, from: at + 1 };
  if (kind === LIST_16) return { length: bytes.readUInt16BE(at + 1), from: at + 3 };
  if (kind === LIST_32) return { length: bytes.readUInt32BE(at + 1), from: at + 5 };
  throw new TypeError(`expected a list at byte ${at}, found the type ${kind}`);
}

/** Reads the bounds of `count` strings. @returns the index at which the last string ends */
function readTexts(bytes: Buffer, from: number, count: number, bounds: Uint32Array, first: number): number {
  let at = from;
  for (let number = first; number < first + count; number += 1) {
    const kind = bytes[at]!;
    let length: number;
    if (kind === NONE) {
      length = 0;
      at += 1;
    } else if (kind >= FIX_TEXT && kind < FIX_TEXT + 32) {
      length = kind - FIX_TEXT;
      at += 1;
    } else if (kind === TEXT_8) {
      length = bytes[at + 1]!;
      at += 2;
    } else if (kind === TEXT_16) {
      length = bytes.readUInt16BE(at + 1);
      at += 3;
    } else if (kind === TEXT_32) {
      length = bytes.readUInt32BE(at + 1);
      at += 5;
    } else throw new TypeError(`expected a string at byte ${at}, found the type ${kind}`);
    bounds[number * 2] = at;
    at += length;
    bounds[number * 2 + 1] = at;
  }
  return at;
}
