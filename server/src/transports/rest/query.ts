import { z } from "zod";

type Coercion = (text: string) => unknown;

/** A JSON number. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function number(text: string): unknown {
  return JSON_NUMBER.test(text) ? Number(text) : text;
}

function boolean(text: string): unknown {
  return text === "true" ? true : text === "false" ? false : text;
}

const coercions: Record<string, Coercion> = { number, integer: number, boolean };

/**
 * Converts the text values of paths and queries to the JSON types of `schema`. A value that does not fit stays text, so that
 * the error of the schema names the field.
 */
export function queryReader(
  schema: z.ZodObject,
): (texts: Record<string, unknown>) => Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const byField = new Map<string, Coercion>();
  for (const [field, property] of Object.entries(properties)) {
    const { type, enum: values } = property as { type?: string; enum?: unknown[] };
    const coercion = coercions[type ?? typeof values?.[0]];
    if (coercion) byField.set(field, coercion);
  }
  return (texts) => {
    const values: Record<string, unknown> = {};
    for (const [field, text] of Object.entries(texts)) {
      const coercion = byField.get(field);
      values[field] = coercion && typeof text === "string" ? coercion(text) : text;
    }
    return values;
  };
}
