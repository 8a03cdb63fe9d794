import { z } from "zod";

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

/** An object is written as JSON. */
function object(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const coercions: Record<string, Coercion> = { number, integer: number, boolean, object };

/**
 * Converts the texts of paths and queries to the JSON types that `schema` expects. A text that does not fit stays as it
 * is, so that the schema's own error names the field.
 */
export function queryReader(
  schema: z.ZodObject,
): (texts: Record<string, unknown>) => Record<string, unknown> {
  // A new object of the same fields, because the JSON schema of a named schema is only a `$ref`.
  const fields = z.object(schema.shape);
  const { properties = {}, $defs = {} } = z.toJSONSchema(fields, { io: "input", unrepresentable: "any" });
  const byField = new Map<string, Coercion>();
  for (const [field, property] of Object.entries(properties)) {
    const { $ref } = property as { $ref?: string };
    // A field with a named schema is a `$ref` into `$defs`.
    const described = $ref === undefined ? property : $defs[$ref.slice("#/$defs/".length)];
    const { type, enum: values } = described as { type?: string; enum?: unknown[] };
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
