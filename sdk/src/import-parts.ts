import { limits } from "@grandstand/shared/limits";
import type { TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";

/** Whole lines of text: all in one, or piece by piece, with or without the line feed at a piece's end. */
export type ImportContent = string | Iterable<string> | AsyncIterable<string>;

/** What one call imports. */
export interface ImportPart {
  content: string;
  /** For each line of `content`, which line it was, from 1. */
  lineNumbers: number[];
}

/** Leaves as much again of the largest frame for the rest of it, as the largest line may need. */
const PART_BYTES = limits.batchBodyBytes / 2;

const encoder = new TextEncoder();

/**
 * Cuts lines into parts of a size that one call takes. Each part of a CSV begins with its first line, which names the
 * columns. Empty lines are passed over.
 * @param onTooLong is told of a line that no call takes, which is left out
 */
export async function* partsOf(
  content: ImportContent,
  format: TransferFormat,
  onTooLong: (lineNumber: number) => void,
): AsyncGenerator<ImportPart, void, undefined> {
  let header: Line | null = null;
  let part: Line[] = [];
  let partBytes = 0;
  for await (const line of linesOf(content)) {
    if (format === "csv" && header === null) header = line;
    else if (line.bytes + (header?.bytes ?? 0) > PART_BYTES) onTooLong(line.number);
    else {
      const isFull =
        part.length === limits.linesPerImport || (header?.bytes ?? 0) + partBytes + line.bytes > PART_BYTES;
      if (isFull) {
        yield partOf(header, part);
        part = [];
        partBytes = 0;
      }
      part.push(line);
      partBytes += line.bytes;
    }
  }
  // Also of nothing: whether it may be imported at all, the server says.
  yield partOf(header, part);
}

interface Line {
  text: string;
  number: number;
  /** Of its JSON, in which it travels. */
  bytes: number;
}

async function* linesOf(content: ImportContent): AsyncGenerator<Line, void, undefined> {
  let number = 0;
  for await (const piece of typeof content === "string" ? [content] : content) {
    for (const text of piece.replace(/\n$/, "").split("\n")) {
      number += 1;
      if (text.trim() !== "") yield { text, number, bytes: encoder.encode(JSON.stringify(text)).length };
    }
  }
}

function partOf(header: Line | null, entries: Line[]): ImportPart {
  const lines = header ? [header, ...entries] : entries;
  return {
    content: lines.map(({ text }) => `${text}\n`).join(""),
    lineNumbers: lines.map(({ number }) => number),
  };
}
