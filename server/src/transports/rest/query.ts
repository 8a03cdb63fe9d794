import type { z } from "zod";

type Coercion = (text: string) => unknown;

/** A number as JSON writes it. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function number(text: string): unknown {
  return JSON_NUMBER.test(text) ? Number(text) : text;
}

function boolean(text: string): unknown {
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : text;
}

/** Parses an object, which a query contains as JSON. */
function object(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** How to convert a text, by the name of the type that its schema has. */
const coercions: Partial<Record<string, Coercion>> = { number, boolean, object, record: object };

/**
 * Converts the texts of paths and queries to the JSON types that `schema` expects. A text that does not fit stays as it
 * is, so that the schema's own error names the field.
 */
export function queryReader(
  schema: z.ZodObject,
): (texts: Record<string, unknown>) => Record<string, unknown> {
  const byField = new Map<string, Coercion>();
  for (const [field, fieldSchema] of Object.entries(schema.shape)) {
    const coercion = coercions[typeOf(fieldSchema)];
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

/** The name of a schema's type, such as `number`. For an optional schema, the name of the type within it. */
function typeOf(schema: z.core.$ZodType): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ("innerType" in def && def.type !== "nullable") return typeOf(def.innerType);
  return def.type === "pipe" ? typeOf(def.in) : def.type;
}
