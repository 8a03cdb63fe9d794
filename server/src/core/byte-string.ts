const ASCII = /^[\0-\x7f]*$/;

/**
 * A text as a byte string: a string whose characters stand for the bytes of its UTF-8 (latin1). Byte strings can be cut
 * and joined where bytes were counted, and become UTF-8 without being encoded again.
 */
export function byteString(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString("latin1");
}

/** The text of a byte string. */
export function textOfBytes(bytes: string): string {
  return ASCII.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString();
}
