import { GrandstandError } from "@grandstand/shared/errors";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** The columns of an export, in order; a CSV names them in its first line. */
const columns = ["rank", "member", "score", "subscore", "reachedAt", "profile", "metadata"] as const;

/** The columns whose fields are JSON. The others are text, because a member may look like a number. */
const jsonColumns = new Set<string>(["score", "subscore", "profile", "metadata"]);

/** Entries as lines of text, each with its line feed. @param isFirst whether they begin the export */
export function linesOf(format: TransferFormat, entries: Entry[], isFirst: boolean): string {
  if (format === "ndjson") return entries.map((entry) => `${JSON.stringify(inOrder(entry))}\n`).join("");
  const rows = entries.map(({ profile, metadata, ...entry }) => ({
    ...entry,
    profile: profile && JSON.stringify(profile),
    metadata: metadata && JSON.stringify(metadata),
  }));
  return stringify(rows, { header: isFirst, columns: [...columns] });
}

function inOrder(entry: Entry): object {
  return Object.fromEntries(columns.map((column) => [column, entry[column]]));
}

/** A line of an import: its values, or why it is unreadable. */
export interface ReadLine {
  /** From 1. */
  line: number;
  row: unknown;
  fault: string | null;
}

interface Line {
  line: number;
  text: string;
}

/**
 * Reads lines of text and skips empty lines.
 * @throws {GrandstandError} `bad_request` when the first line of a CSV does not name its columns
 */
export function readLines(format: TransferFormat, content: string): ReadLine[] {
  const lines = content
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((text, at) => ({ line: at + 1, text: text.replace(/\r$/, "") }))
    .filter(({ text }) => text.trim() !== "");
  return format === "ndjson" ? lines.map(readJson) : readCsv(lines);
}

function readJson({ line, text }: Line): ReadLine {
  try {
    return { line, row: JSON.parse(text), fault: null };
  } catch {
    return { line, row: null, fault: "must be JSON" };
  }
}

function readCsv([header, ...lines]: Line[]): ReadLine[] {
  if (!header) return [];
  const names = columnsIn(header.text);
  const fieldsOfLines = fieldsOf(lines.map(({ text }) => text));
  return lines.map(({ line }, at) => {
    const fields = fieldsOfLines[at];
    if (fields?.length !== names.length) {
      return { line, row: null, fault: "must be CSV with as many fields as the first line" };
    }
    const given = names.flatMap((name, column) => {
      const field = fields[column]!;
      return field === "" ? [] : [[name, jsonColumns.has(name) ? fromJson(field) : field]];
    });
    return { line, row: Object.fromEntries(given), fault: null };
  });
}

/** The names of the columns, in any order. */
function columnsIn(header: string): string[] {
  const names = fieldsOf([header])[0] ?? [];
  const isHeader =
    new Set(names).size === names.length &&
    names.every((name) => (columns as readonly string[]).includes(name)) &&
    names.includes("member") &&
    names.includes("score");
  if (isHeader) return names;
  const message = `must begin with a line that names its columns, out of ${columns.join(", ")}: member and score at least`;
  throw new GrandstandError("bad_request", `content ${message}`, {
    issues: [{ path: "content", rule: "header", message }],
  });
}

/** The fields of each line; null for a line that is not CSV. */
function fieldsOf(lines: string[]): (string[] | null)[] {
  const records = recordsIn(lines.join("\n"));
  // An unclosed quote swallows the lines behind it: read each line on its own then.
  if (records?.length === lines.length) return records;
  return lines.map((line) => recordsIn(line)?.[0] ?? null);
}

function recordsIn(csv: string): string[][] | null {
  try {
    return parse(csv, { record_delimiter: "\n", relax_column_count: true });
  } catch {
    return null;
  }
}

/** The field's JSON value. Text that is not JSON stays text, and the schema refuses it. */
function fromJson(field: string): unknown {
  try {
    return JSON.parse(field);
  } catch {
    return field;
  }
}
