import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** The columns of an export, in order; a CSV names them in its first line. */
const columns = ["rank", "member", "score", "subscore", "reachedAt", "profile", "metadata"] as const;

/** Entries as lines of text, each with its line feed. @param isFirst whether nothing stands before them */
export function linesOf(format: TransferFormat, entries: Entry[], isFirst: boolean): string {
  if (format === "ndjson") return entries.map((entry) => `${JSON.stringify(inOrder(entry))}\n`).join("");
  const rows = entries.map(({ profile, metadata, ...entry }) => ({
    ...entry,
    profile: profile && JSON.stringify(profile),
    metadata: metadata && JSON.stringify(metadata),
  }));
  return stringify(rows, { header: isFirst, columns: [...columns] });
}

/** A line that is to be imported: what it says, or why it can't be read. */
export interface ReadLine {
  /** From 1. */
  line: number;
  row: unknown;
  fault: string | null;
}

/** Reads lines of text. Empty ones are passed over. */
export function readLines(format: TransferFormat, content: string): ReadLine[] {
  const lines = content
    .split("\n")
    .map((text, at) => ({ line: at + 1, text: text.replace(/\r$/, "") }))
    .filter(({ text }) => text.trim() !== "");
  const reader = format === "ndjson" ? readJson : csvReader(lines.shift()?.text ?? "");
  return lines.map(({ line, text }) => ({ line, ...reader(text) }));
}

type Reading = Omit<ReadLine, "line">;

function readJson(text: string): Reading {
  try {
    return { row: JSON.parse(text), fault: null };
  } catch {
    return { row: null, fault: "must be JSON" };
  }
}

/** @param header the names of the columns, in any order */
function csvReader(header: string): (text: string) => Reading {
  const names = fieldsOf(header);
  return (text) => {
    const fields = fieldsOf(text);
    if (!names || !fields || fields.length !== names.length) {
      return { row: null, fault: "must be CSV with as many fields as the first line" };
    }
    const given = names
      .map((name, at) => [name, fields[at]!] as const)
      .filter(([, field]) => field !== "")
      .map(([name, field]) => [name, valueOf(name, field)]);
    return { row: Object.fromEntries(given), fault: null };
  };
}

function fieldsOf(text: string): string[] | null {
  try {
    return (parse(text, { bom: true }) as string[][])[0] ?? [];
  } catch {
    return null;
  }
}

/** What a field says, where it is not text; text that can't be read stays, for the schema to refuse. */
function valueOf(column: string, field: string): unknown {
  if (!["score", "subscore", "profile", "metadata"].includes(column)) return field;
  try {
    return JSON.parse(field);
  } catch {
    return field;
  }
}

function inOrder(entry: Entry): object {
  return Object.fromEntries(columns.map((column) => [column, entry[column]]));
}
