import { dayText, MS_PER_DAY } from "./iso-time.js";

const FIRST_BYTES = 64 * 1_024;
/** If the buffer has grown above this size, `take` replaces it with a small one. */
const KEPT_BYTES = 1_024 * 1_024;
/** Fewer bytes than this are copied one by one, which costs less than a call of `copy`. */
const SHORT_BYTES = 256;
const WORD = 4;
const MAX_UTF8_BYTES = 3;
const NUMBER_BYTES = 32;
const TIME_BYTES = 32;
const ZERO = "0".charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
const SPACE = " ".charCodeAt(0);
const TILDE = "~".charCodeAt(0);
const COLON = ":".charCodeAt(0);
const POINT = ".".charCodeAt(0);
const UTC = "Z".charCodeAt(0);

/** An ASCII text that is written often. Stored as words of 4 bytes, because writing words is faster than writing bytes. */
export interface Phrase {
  length: number;
  words: readonly number[];
}

export function phrase(text: string): Phrase {
  const bytes = Buffer.from(text.padEnd(Math.ceil(text.length / WORD) * WORD));
  const words = Array.from({ length: bytes.length / WORD }, (_, at) => bytes.readUInt32LE(at * WORD));
  return { length: text.length, words };
}

/**
 * Writes JSON as UTF-8 into a buffer that is reused. Joining strings instead would create an object for each
 * piece, which the garbage collector has to free.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #at = 0;

  /** Begins a new result. Discards what was written before. */
  begin(): void {
    this.#at = 0;
  }

  /**
   * Makes room for `length` bytes. `phrase` and `byte` do not make room themselves: call this before them.
   */
  reserve(length: number): void {
    const needed = this.#at + length + WORD;
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, 2 * this.#bytes.length));
  }

  phrase({ length, words }: Phrase): void {
    for (let word = 0; word < words.length; word += 1) {
      this.#view.setUint32(this.#at + word * WORD, words[word]!, true);
    }
    this.#at += length;
  }

  byte(code: number): void {
    this.#bytes[this.#at] = code;
    this.#at += 1;
  }

  /** Writes a text unchanged, without quotes. */
  text(text: string): void {
    this.reserve(text.length * MAX_UTF8_BYTES);
    const from = this.#at;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.#at = from + this.#bytes.write(text, from);
        return;
      }
      this.#bytes[from + at] = code;
    }
    this.#at = from + text.length;
  }

  /** Copies bytes that are JSON in UTF-8 already. */
  copy(source: Buffer, from: number, to: number): void {
    const length = to - from;
    this.reserve(length);
    if (length < SHORT_BYTES) {
      const target = this.#bytes;
      for (let at = 0; at < length; at += 1) target[this.#at + at] = source[from + at]!;
    } else source.copy(this.#bytes, this.#at, from, to);
    this.#at += length;
  }

  /** Writes a text as a JSON string. */
  string(text: string): void {
    this.reserve(text.length + 2);
    this.byte(QUOTE);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) {
        this.#at -= at + 1;
        this.text(JSON.stringify(text));
        return;
      }
      this.byte(code);
    }
    this.byte(QUOTE);
  }

  number(number: number): void {
    const whole = number >>> 0;
    if (whole !== number) {
      this.text(String(number));
      return;
    }
    this.reserve(NUMBER_BYTES);
    let digits = 1;
    for (let limit = 10; limit <= whole; limit *= 10) digits += 1;
    this.#digits(whole, digits);
  }

  /** Writes a time in ms since 1970 as `toIsoTime` formats it. */
  time(ms: number): void {
    this.reserve(TIME_BYTES);
    const day = Math.floor(ms / MS_PER_DAY);
    this.text(dayText(day));
    const ofDay = ms - day * MS_PER_DAY;
    const seconds = Math.floor(ofDay / 1_000);
    const minutes = Math.floor(seconds / 60);
    this.#digits(Math.floor(minutes / 60), 2);
    this.byte(COLON);
    this.#digits(minutes % 60, 2);
    this.byte(COLON);
    this.#digits(seconds % 60, 2);
    this.byte(POINT);
    this.#digits(ofDay - seconds * 1_000, 3);
    this.byte(UTC);
  }

  /** @returns a copy of what was written */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.#at);
    this.#bytes.copy(taken, 0, 0, this.#at);
    this.begin();
    if (this.#bytes.length > KEPT_BYTES) this.#resize(FIRST_BYTES);
    return taken;
  }

  #digits(number: number, count: number): void {
    let rest = number;
    for (let at = this.#at + count - 1; at >= this.#at; at -= 1) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - 10 * next;
      rest = next;
    }
    this.#at += count;
  }

  #resize(length: number): void {
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(bytes, 0, 0, this.#at);
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
