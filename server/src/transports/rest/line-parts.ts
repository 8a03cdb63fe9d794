import { isUtf8 } from "node:buffer";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";

const KIB = 1_024;
const PART_BYTES = 256 * KIB;
const LINE_BYTES = 64 * KIB;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
/** A CSV record with line breaks inside quotes stays in one part if it has at most this many lines. */
const LINES_PER_RECORD = 100;
const NOTHING = Buffer.alloc(0);

/** The line with which Excel names the delimiter. */
const SEPARATOR_LINE = /^(\ufeff)?sep=.$/i;

/** A line that can't be read. */
export interface UnreadLine {
  /** From 1, in the whole body. */
  line: number;
  error: GrandstandError;
}

/** Consecutive lines of a body, as many as one call may have. */
export interface Part {
  /** The header of the body, if it has one, and then the lines. Unreadable lines are empty. */
  content: string;
  /** The number of a line in the body minus its number in `content`. */
  lineShift: number;
  /** The number of the part's last line in the body, from 1. */
  lastLine: number;
  unread: UnreadLine[];
}

/**
 * Cuts a body into parts of whole lines, each small enough for one call. The cuts depend only on the lines,
 * not on the chunks in which the body arrives. So a repeated upload has the same parts, and their idempotency
 * keys match.
 */
export class LineParts {
  readonly #hasHeader: boolean;
  #header: Buffer | null = null;
  /** The number of lines in `#header`: 2 if a `sep=;` line comes before the column names, otherwise 1. */
  #headerLines = 1;
  /** The pieces of the current line; dropped when the line is too long. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** The lines of the current part. */
  #lines: Buffer[] = [];
  /** How many of `#lines` form complete CSV records. A record is complete when a line ends outside of quotes. */
  #closedLines = 0;
  #isQuoted = false;
  #separator: Buffer | null = null;
  #bytes = 0;
  #unread: UnreadLine[] = [];
  /** The number of complete lines so far. */
  #lineCount = 0;

  /** @param hasHeader whether the first line that is not blank is repeated in every part */
  constructor(hasHeader: boolean) {
    this.#hasHeader = hasHeader;
  }

  /**
   * The parts that a chunk of the body completes.
   * @throws {GrandstandError} when the header can't be read.
   */
  *take(chunk: Buffer): Generator<Part> {
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to !== -1; to = chunk.indexOf(LINE_FEED, from)) {
      const part = this.#endLine(chunk.subarray(from, to));
      if (part) yield part;
      from = to + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** The remaining parts. A header without further lines makes a part too. */
  *end(): Generator<Part> {
    const part = this.#pieceBytes > 0 ? this.#endLine(NOTHING) : null;
    if (part) yield part;
    // No line can complete an unfinished CSV record any more, so the record goes into the last part.
    this.#closedLines = this.#lines.length;
    if (this.#header || this.#lines.length > 0) yield this.#cut();
  }

  #hold(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > LINE_BYTES) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** @returns the part that this line completes. */
  #endLine(piece: Buffer): Part | null {
    this.#hold(piece);
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const error = this.#pieceBytes > LINE_BYTES ? tooLong() : isUtf8(bytes) ? null : notText();
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (this.#hasHeader && this.#header === null) {
      if (error) throw error;
      this.#lineCount += 1;
      const text = bytes.toString().trim();
      if (text === "") return null;
      if (SEPARATOR_LINE.test(text)) this.#separator = bytes;
      else this.#header = this.#withSeparator(bytes);
      return null;
    }
    return this.#add(error ? NOTHING : bytes, error);
  }

  #withSeparator(header: Buffer): Buffer {
    if (this.#separator === null) return header;
    this.#headerLines = 2;
    return Buffer.concat([this.#separator, Buffer.from("\n"), header]);
  }

  #add(line: Buffer, error: GrandstandError | null): Part | null {
    const size = line.length + 1;
    const headerSize = this.#header?.length ?? 0;
    const before = headerSize + this.#bytes + size > PART_BYTES ? this.#cut() : null;
    this.#lineCount += 1;
    this.#bytes += size;
    this.#lines.push(line);
    if (this.#hasHeader) this.#followQuotes(line);
    if (error) this.#unread.push({ line: this.#lineCount, error });
    return before ?? (this.#lines.length === limits.linesPerImport ? this.#cut() : null);
  }

  #followQuotes(line: Buffer): void {
    for (let at = line.indexOf(QUOTE); at !== -1; at = line.indexOf(QUOTE, at + 1))
      this.#isQuoted = !this.#isQuoted;
    if (!this.#isQuoted) this.#closedLines = this.#lines.length;
  }

  /**
   * Ends the part. The lines of an unfinished CSV record are left for the next part, unless they are too many.
   */
  #cut(): Part {
    const open = this.#hasHeader ? this.#lines.length - this.#closedLines : 0;
    const left =
      open > 0 && open <= LINES_PER_RECORD && open < this.#lines.length ? this.#lines.splice(-open) : [];
    const lastLine = this.#lineCount - left.length;
    const headerLines = this.#header ? this.#headerLines : 0;
    const lines = this.#header ? [this.#header, ...this.#lines] : this.#lines;
    const part = {
      content: lines.map((line) => line.toString()).join("\n"),
      lineShift: lastLine - headerLines - this.#lines.length,
      lastLine,
      unread: this.#unread.filter(({ line }) => line <= lastLine),
    };
    this.#unread = this.#unread.filter(({ line }) => line > lastLine);
    this.#lines = left;
    this.#closedLines = 0;
    if (left.length === 0) this.#isQuoted = false;
    this.#bytes = left.reduce((sum, line) => sum + line.length + 1, 0);
    return part;
  }
}

function tooLong(): GrandstandError {
  return new GrandstandError("payload_too_large", `The line must have at most ${LINE_BYTES} bytes`);
}

function notText(): GrandstandError {
  const message = "must be UTF-8";
  return new GrandstandError("bad_request", `The line ${message}`, {
    issues: [{ path: "", rule: "encoding", message }],
  });
}
