import type { ImportReport, TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import { payloadLimits } from "@grandstand/shared/payload-limits";
import type { CallOperation, CallOptions } from "./call-operation.js";

/**
 * One or several strings that each contain whole lines of text. A line feed at the end of a string is optional.
 */
export type ImportContent = string | Iterable<string> | AsyncIterable<string>;

/** The lines that one call imports. */
export interface ImportPart {
  content: string;
  /** For each line of `content`, its line number in the whole import, counted from 1. */
  lineNumbers: number[];
}

/** A part may fill half of the largest frame. The rest is a margin for the fields of the frame. */
const PART_BYTES = payloadLimits.batchBodyBytes / 2;

/** The maximum number of refused lines that a report lists, over all parts. */
const REPORTED_REFUSALS = 1_000;

/** Imports part after part and adds up the reports. Line numbers refer to the whole content. */
export async function importLines(
  call: CallOperation,
  board: string,
  content: ImportContent,
  { format = "ndjson", window }: { format?: TransferFormat | undefined; window?: string | undefined },
  callOptions?: CallOptions,
): Promise<ImportReport> {
  const report: ImportReport = { lines: 0, imported: 0, refused: 0, refusals: [] };
  const add = ({ lines, imported, refused, refusals }: ImportReport) => {
    report.lines += lines;
    report.imported += imported;
    report.refused += refused;
    report.refusals.push(...refusals.slice(0, REPORTED_REFUSALS - report.refusals.length));
  };
  const parts = partsOf(content, format, (line) => add(tooLong(line)));
  for await (const { content: part, lineNumbers } of parts) {
    const input = { board, format, window, content: part };
    const { refusals, ...counts } = await call("leaderboard.import", input, callOptions);
    add({
      ...counts,
      refusals: refusals.map((refusal) => ({
        ...refusal,
        line: lineNumbers[refusal.line - 1] ?? refusal.line,
      })),
    });
  }
  report.refusals.sort((one, other) => one.line - other.line);
  return report;
}

function tooLong(line: number): ImportReport {
  const error = { code: "payload_too_large", message: "The line is longer than a call may be" } as const;
  return { lines: 1, imported: 0, refused: 1, refusals: [{ line, member: null, error }] };
}

const encoder = new TextEncoder();

/**
 * Splits lines into parts that each fit one call. Each part of a CSV begins with the first line, which names the
 * columns. Empty lines are skipped.
 * @param onTooLong called for a line that is too long for any call; the parts leave it out
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
        part.length === payloadLimits.linesPerImport ||
        (header?.bytes ?? 0) + partBytes + line.bytes > PART_BYTES;
      if (isFull) {
        yield partOf(header, part);
        part = [];
        partBytes = 0;
      }
      part.push(line);
      partBytes += line.bytes;
    }
  }
  // Even an empty import sends one part, so that the server can refuse it, for example because the board is
  // missing.
  yield partOf(header, part);
}

interface Line {
  text: string;
  number: number;
  /** The size of the line as a JSON string, in UTF-8. */
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
