/** The alphabet of base64url. An id of only these characters is stored with 6 bits for each character. */
const PACKABLE = /^[\w-]+$/;
/**
 * Four characters are packed into 3 bytes, so `storedId` adds up to 3 characters to an id. The first byte of a packed id is
 * MARK plus the number of added characters: 2 to 5. An unpacked id begins with none of these bytes, because ids contain no
 * control characters. MARK is not 1, because the byte 1 means that a prefix stands before the id (entry-codec.lua).
 */
const MARK = 2;
const MOST_ADDED = 3;

/** Encodes a member id for the keys of a board. An id of the base64url alphabet takes a quarter less memory. */
export function storedId(id: string): Buffer {
  if (!PACKABLE.test(id)) return Buffer.from(id);
  const added = -id.length & MOST_ADDED;
  const bytes = Buffer.allocUnsafe(1 + ((id.length + added) / 4) * 3);
  bytes[0] = MARK + added;
  bytes.write(id + "A".repeat(added), 1, "base64url");
  return bytes;
}

/** Decodes the bytes of `storedId`. */
export function idOf(bytes: Buffer, from = 0, to = bytes.length): string {
  const added = bytes[from]! - MARK;
  if (!(added >= 0 && added <= MOST_ADDED)) return bytes.toString("utf8", from, to);
  const text = bytes.toString("base64url", from + 1, to);
  return added === 0 ? text : text.slice(0, -added);
}
