import { GrandstandError } from "@grandstand/shared/errors";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** The columns of an export, in order; a CSV names them in its first line. */
const columns = ["rank", "member", "score", "subscore", "reachedAt", "profile", "metadata"] as const;

type Column = (typeof columns)[number];

/** The columns whose fields are parsed as JSON. The others are text, so that the member `007` stays a text. */
const jsonColumns = new Set<string>(["score", "subscore", "profile", "metadata"]);

/**
 * Formats entries as lines, each with a line feed at its end.
 * @param isFirst whether these are the first lines of the export; in a CSV, the names of the columns precede them
 * @param isSafe whether to escape the cells of a CSV that a spreadsheet would run as formulas
 */
export function linesOf(format: TransferFormat, entries: Entry[], isFirst: boolean, isSafe = false): string {
  if (format === "ndjson") return entries.map((entry) => `${JSON.stringify(inOrder(entry))}\n`).join("");
  const rows = entries.map(({ profile, metadata, ...entry }) => ({
    ...entry,
    // The other columns need no escape, because they are numbers, times and JSON objects.
    member: isSafe && FORMULA.test(entry.member) ? `'${entry.member}` : entry.member,
    profile: profile && JSON.stringify(profile),
    metadata: metadata && JSON.stringify(metadata),
  }));
  return stringify(rows, { header: isFirst, columns: [...columns] });
}

/** Matches a cell that a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function inOrder(entry: Entry): object {
  return Object.fromEntries(columns.map((column) => [column, entry[column]]));
}

/** A line of an import: its values, or the reason why it can't be read. */
export interface ReadLine {
  /** The number of the line, from 1. A CSV record of several lines has the number of its first line. */
  line: number;
  row: unknown;
  fault: string | null;
}

export interface ReadContent {
  lines: ReadLine[];
  ignoredColumns: string[];
}

interface ReadOptions {
  ignoresUnknown: boolean;
  /**
   * Whether a row is a valid entry. If a CSV record of several lines is no valid entry, its first line counts as a line
   * with a missing closing quote.
   */
  isEntry(row: unknown): boolean;
}

interface Line {
  line: number;
  text: string;
}

/**
 * Reads lines of text and skips empty lines.
 * @throws {GrandstandError} `bad_request` when the first line of a CSV does not name its columns, or names an unknown column
 * and `ignoresUnknown` is false
 */
export function readLines(format: TransferFormat, content: string, options: ReadOptions): ReadContent {
  const lines = content
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((text, at) => ({ line: at + 1, text: text.replace(/\r$/, "") }));
  return format === "ndjson" ? readJson(lines, options) : readCsv(lines, options);
}

function isBlank({ text }: Line): boolean {
  return text.trim() === "";
}

/** How many ignored fields of JSON lines a report names at most. */
const MAX_IGNORED = 20;

function readJson(lines: Line[], { ignoresUnknown }: ReadOptions): ReadContent {
  const ignored = new Set<string>();
  const known = (row: unknown): unknown => {
    if (!ignoresUnknown || typeof row !== "object" || row === null || Array.isArray(row)) return row;
    const fields = Object.entries(row).filter(([name]) => {
      if (isColumn(name)) return true;
      if (ignored.size < MAX_IGNORED) ignored.add(name);
      return false;
    });
    return Object.fromEntries(fields);
  };
  const read = lines
    .filter((line) => !isBlank(line))
    .map(({ line, text }): ReadLine => {
      try {
        return { line, row: known(JSON.parse(text)), fault: null };
      } catch {
        return { line, row: null, fault: "must be JSON" };
      }
    });
  return { lines: read, ignoredColumns: [...ignored] };
}

/** The delimiters that a CSV may have. Spreadsheets write `;` in languages where the comma is the decimal sign. */
const DELIMITERS = [",", ";", "\t"];
/** How many lines a record with line breaks inside quotes may have at most. */
const LINES_PER_RECORD = 100;

function readCsv(all: Line[], { ignoresUnknown, isEntry }: ReadOptions): ReadContent {
  const first = all.findIndex((line) => !isBlank(line));
  if (first < 0) return { lines: [], ignoredColumns: [] };
  const separator = /^sep=(.)$/i.exec(all[first]!.text.trim())?.[1];
  const headerAt =
    separator === undefined ? first : all.findIndex((line, at) => at > first && !isBlank(line));
  const header = headerOf(all[headerAt]?.text ?? "", separator === undefined ? DELIMITERS : [separator]);
  if (header.unknown.length > 0 && !ignoresUnknown) throw unknownColumns(header.unknown);
  const rowOf = (fields: string[]) =>
    Object.fromEntries(
      header.names.flatMap((name, column) => {
        const field = fields[column]!;
        if (name === null || field === "") return [];
        return [[name, jsonColumns.has(name) ? fromJson(field) : field]];
      }),
    );
  const lines = recordsOf(all.slice(headerAt + 1), header, (fields) => isEntry(rowOf(fields))).map(
    ({ line, fields }): ReadLine =>
      fields === null
        ? { line, row: null, fault: "must be CSV with as many fields as the first line" }
        : { line, row: rowOf(fields), fault: null },
  );
  return { lines, ignoredColumns: header.unknown };
}

interface Header {
  delimiter: string;
  /** The column of each field; null for an unknown one. */
  names: (Column | null)[];
  unknown: string[];
}

/** @throws {GrandstandError} `bad_request` unless the line names `member` and `score`, and no column twice */
function headerOf(text: string, delimiters: string[]): Header {
  for (const delimiter of delimiters) {
    const given = (recordsIn(text, delimiter)?.[0] ?? []).map((name) => name.trim());
    const names = given.map(columnOf);
    const known = names.filter((name) => name !== null);
    const isHeader =
      known.includes("member") && known.includes("score") && new Set(known).size === known.length;
    if (isHeader) return { delimiter, names, unknown: given.filter((_, at) => names[at] === null) };
  }
  const message = `must begin with a line that names its columns, out of ${columns.join(", ")}: member and score at least`;
  throw new GrandstandError("bad_request", `content ${message}`, {
    issues: [{ path: "content", rule: "header", message }],
  });
}

function unknownColumns(names: string[]): GrandstandError {
  const message = `has unknown columns: ${names.join(", ")}. Leave them out, or set unknownColumns to ignore`;
  return new GrandstandError("bad_request", `content ${message}`, {
    issues: [{ path: "content", rule: "unknown", message }],
  });
}

function isColumn(name: string): name is Column {
  return (columns as readonly string[]).includes(name);
}

/** The column that a name in the header stands for, in upper or lower case; null for an unknown name. */
function columnOf(name: string): Column | null {
  return columns.find((column) => column.toLowerCase() === name.toLowerCase()) ?? null;
}

interface CsvRecord {
  /** The number of the record's first line. */
  line: number;
  /** Null for a line that is not CSV, or that has another number of fields than the header. */
  fields: string[] | null;
}

function recordsOf(
  lines: Line[],
  { delimiter, names }: Header,
  isEntry: (fields: string[]) => boolean,
): CsvRecord[] {
  const isRecord = (fields: string[] | undefined) => fields?.length === names.length;
  const filled = lines.filter((line) => !isBlank(line));
  const together = recordsIn(filled.map(({ text }) => text).join("\n"), delimiter);
  if (together?.length === filled.length) {
    return filled.map(({ line }, at) => ({ line, fields: isRecord(together[at]) ? together[at]! : null }));
  }
  // Some record has several lines, or some line is not CSV, such as one with a missing closing quote. Read line by line.
  const records: CsvRecord[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const { line, text } = lines[at]!;
    if (isBlank(lines[at]!)) continue;
    const fields = recordsIn(text, delimiter)?.[0];
    const count = isRecord(fields) ? 1 : linesUntilClosed(lines, at);
    const record = count === 1 ? fields : recordsIn(textOf(lines, at, count), delimiter)?.[0];
    // A missing closing quote must not take the following lines into its record: only its own line is refused.
    const isWhole = isRecord(record) && (count === 1 || isEntry(record!));
    records.push({ line, fields: isWhole ? record! : null });
    if (isWhole) at += count - 1;
  }
  return records;
}

/**
 * The number of lines, from line `first` on, after which no quote is open; 1 if a quote stays open to the end of the text, or
 * for LINES_PER_RECORD lines.
 */
function linesUntilClosed(lines: Line[], first: number): number {
  let quotes = 0;
  for (let count = 1; count <= LINES_PER_RECORD && first + count <= lines.length; count += 1) {
    quotes += lines[first + count - 1]!.text.split('"').length - 1;
    if (quotes % 2 === 0) return count;
  }
  return 1;
}

function textOf(lines: Line[], first: number, count: number): string {
  return lines
    .slice(first, first + count)
    .map(({ text }) => text)
    .join("\n");
}

function recordsIn(csv: string, delimiter: string): string[][] | null {
  try {
    return parse(csv, { delimiter, record_delimiter: "\n", relax_column_count: true });
  } catch {
    return null;
  }
}

/** Parses a field as JSON. A field that is not JSON stays text, which the schema then refuses. */
function fromJson(field: string): unknown {
  try {
    return JSON.parse(field);
  } catch {
    return field;
  }
}
