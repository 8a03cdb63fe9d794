import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { limits } from "@grandstand/shared/limits";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import type { ApiSession } from "./api-session.js";
import { Progress } from "./progress.js";
import { SavedProgress } from "./saved-progress.js";

interface Imported {
  id: string;
  board: string;
  window: string | undefined;
  /** A hash of the file's size and time of change. It prevents an import from continuing with another file of the same name. */
  fingerprint: string;
  bytes: number;
  lines: number;
  imported: number;
  refused: number;
}

/** Half of the largest body of a call, because escaping the content as JSON makes it longer. */
const PART_BYTES = limits.batchBodyBytes / 2;
/** How many refused lines are reported. */
const REPORTED_REFUSALS = 1_000;

export type ImportResult = Pick<Imported, "board" | "lines" | "imported" | "refused"> & {
  file: string;
  /** The number of lines that earlier runs had sent, refused ones included. */
  continuedAt: number;
  /** The first refusals of this run. Those of earlier runs are only counted in `refused`. */
  refusals: ImportReport["refusals"];
};

/**
 * Imports a file of NDJSON, a part at a time. After an interruption, the next run for the same board, window and file
 * continues the import. If the reply to a part was lost, it repeats that part with the same idempotency key.
 */
export async function importBoard(
  session: ApiSession,
  board: string,
  file: string,
  window: string | undefined,
): Promise<ImportResult> {
  const { size, mtimeMs } = await stat(file);
  const fingerprint = createHash("sha256").update(`${size} ${mtimeMs}`).digest("base64url");
  const saved = new SavedProgress<Imported>(file);
  const before = await saved.read();
  const isSame = before?.board === board && before.window === window && before.fingerprint === fingerprint;
  if (before && !isSame) {
    throw new Error(
      `${saved.path} belongs to another transfer or another file: finish that one, or delete this file`,
    );
  }
  const done: Imported = before ?? {
    id: randomUUID(),
    board,
    window,
    fingerprint,
    bytes: 0,
    lines: 0,
    imported: 0,
    refused: 0,
  };
  const continuedAt = done.lines;
  const refusals: ImportReport["refusals"] = [];
  const progress = new Progress(`Importing ${board}`);
  try {
    for await (const part of partsOf(file, done)) {
      const report = await session.call(
        "leaderboard.import",
        { board, content: part.content, ...(window !== undefined && { window }) },
        `${done.id}:${done.bytes}`,
      );
      for (const refusal of report.refusals.slice(0, REPORTED_REFUSALS - refusals.length)) {
        refusals.push({ ...refusal, line: refusal.line + done.lines });
      }
      done.bytes += part.bytes;
      done.lines += part.lines;
      done.imported += report.imported;
      done.refused += report.refused;
      await saved.write(done);
      progress.show(done.bytes / size, `${done.lines} lines`);
    }
  } finally {
    progress.end();
  }
  await saved.remove();
  const { lines, imported, refused } = done;
  return { board, file, lines, imported, refused, continuedAt, refusals };
}

interface Part {
  content: string;
  bytes: number;
  lines: number;
}

/** Splits a file into parts. A part has whole lines and fits into one call. @throws when one line is longer than a part */
async function* partsOf(
  file: string,
  { bytes: start, lines: linesBefore }: Pick<Imported, "bytes" | "lines">,
): AsyncGenerator<Part, void, undefined> {
  let part: Part = { content: "", bytes: 0, lines: 0 };
  let number = linesBefore;
  for await (const line of linesOf(file, start)) {
    number += 1;
    if (line.length > PART_BYTES)
      throw new Error(`${file}: line ${number} is longer than ${PART_BYTES} bytes`);
    const isFull = part.lines === limits.linesPerImport || part.bytes + line.length > PART_BYTES;
    if (isFull && part.lines > 0) {
      yield part;
      part = { content: "", bytes: 0, lines: 0 };
    }
    part.content += line.toString();
    part.bytes += line.length;
    part.lines += 1;
  }
  if (part.lines > 0) yield part;
}

const LINE_FEED = 10;

/** Each line with its line feed, as bytes, so that the sum of the lengths is the position in the file. */
async function* linesOf(file: string, start: number): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield rest;
}
