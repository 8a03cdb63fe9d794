import type { Schema } from "../api/documents.js";

export type FieldKind = "choice" | "choices" | "flag" | "number" | "text" | "lines" | "json";
/** The value of a field while it is edited: a text, or the chosen items of a list. */
export type FieldText = string | readonly string[];

export function fieldKind(nullable: Schema): FieldKind {
  const field = withoutNull(nullable);
  if (choicesOf(field) !== null && field.type !== "array") return "choice";
  if (field.type === "array") {
    if (field.items && choicesOf(field.items) !== null) return "choices";
    return field.items?.type === "string" ? "lines" : "json";
  }
  if (field.type === "boolean") return "flag";
  if (field.type === "integer" || field.type === "number") return "number";
  return field.type === "string" ? "text" : "json";
}

/** Removes null from the schema of a nullable field, because the form shows null as an empty field. */
function withoutNull(field: Schema): Schema {
  const others = field.anyOf?.filter(({ type }) => type !== "null") ?? [];
  return others.length === 1 && others.length < field.anyOf!.length ? { ...field, ...others[0] } : field;
}

/** The values that a schema lists for a field; null if it lists none. The field may also accept other values. */
export function choicesOf(field: Schema): readonly string[] | null {
  if (field.enum) return field.enum.map(String);
  const fixed = field.anyOf?.find((one) => one.enum !== undefined);
  return fixed?.enum?.map(String) ?? null;
}

export function textOf(field: Schema, value: unknown): FieldText {
  const kind = fieldKind(field);
  if (kind === "choices") {
    return ((value ?? []) as unknown[]).map((item) =>
      typeof item === "string" ? item : JSON.stringify(item),
    );
  }
  if (value === undefined || value === null) return "";
  if (kind === "lines") return (value as string[]).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Reads the value from the text of a field. An empty text gives no value, so that the form can leave the field out. */
export function readField(field: Schema, text: FieldText): { value?: unknown; error?: string } {
  if (typeof text !== "string") {
    if (text.length === 0) return {};
    return { value: text.map((item) => (item.startsWith("{") ? (JSON.parse(item) as unknown) : item)) };
  }
  if (text === "") return {};
  switch (fieldKind(field)) {
    case "flag":
      return { value: text === "true" };
    case "number": {
      const number = Number(text.replaceAll(/[\s,_]/g, ""));
      return Number.isNaN(number) ? { error: "must be a number" } : { value: number };
    }
    case "lines": {
      const lines = text.split("\n").map((line) => line.trim());
      return { value: lines.filter((line) => line !== "") };
    }
    case "json":
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        // Text that does not look like JSON is a value too, because some fields accept any value.
        return /^\s*[[{"]/.test(text) ? { error: "must be JSON" } : { value: text };
      }
    default:
      return { value: text };
  }
}
