import { TextDecoder } from "node:util";

const MARK_BYTES = 2;

/** Turns a body in UTF-16 with a byte order mark into UTF-8. Any other body passes as it is. */
export class BodyEncoding {
  /** The first bytes, until the byte order mark is complete. */
  #start = Buffer.alloc(0);
  /** Null for a body that is not UTF-16; undefined until that is known. */
  #decoder: TextDecoder | null | undefined;

  toUtf8(chunk: Buffer): Buffer {
    if (this.#decoder === null) return chunk;
    let bytes = chunk;
    if (this.#decoder === undefined) {
      bytes = this.#start = Buffer.concat([this.#start, chunk]);
      if (bytes.length < MARK_BYTES) return Buffer.alloc(0);
      this.#decoder = decoderOf(bytes);
      if (this.#decoder === null) return bytes;
    }
    return Buffer.from(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What is left at the end of the body. */
  end(): Buffer {
    if (this.#decoder === undefined) return this.#start;
    return this.#decoder === null ? Buffer.alloc(0) : Buffer.from(this.#decoder.decode());
  }
}

function decoderOf([first, second]: Buffer): TextDecoder | null {
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  return null;
}
