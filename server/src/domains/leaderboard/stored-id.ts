/** What an id may consist of to be stored in 6 bits a character: the alphabet of base64url. */
const PACKABLE = /^[\w-]+$/;
/**
 * The first byte of a packed id, plus the number of characters that were added to fill the last 3 bytes. No id begins with
 * such a control character, and a long entry's prefix begins with another one.
 */
const MARK = 2;
const MOST_ADDED = 3;

/** The bytes that stand for a member id in the keys of a board. Ids of plain letters and digits take a quarter less memory. */
export function storedId(id: string): Buffer {
  if (!PACKABLE.test(id)) return Buffer.from(id);
  const added = -id.length & MOST_ADDED;
  const bytes = Buffer.allocUnsafe(1 + ((id.length + added) / 4) * 3);
  bytes[0] = MARK + added;
  bytes.write(id + "A".repeat(added), 1, "base64url");
  return bytes;
}

/** The id that `storedId` made these bytes from. */
export function idOf(bytes: Buffer, from = 0, to = bytes.length): string {
  const added = bytes[from]! - MARK;
  if (!(added >= 0 && added <= MOST_ADDED)) return bytes.toString("utf8", from, to);
  const text = bytes.toString("base64url", from + 1, to);
  return added === 0 ? text : text.slice(0, -added);
}
