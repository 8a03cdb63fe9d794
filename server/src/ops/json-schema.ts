import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of what a caller may send (`input`: defaults may be left out) or receives (`output`). */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** An object schema without some of its fields. */
export function without(schema: JsonSchema, fields: ReadonlySet<string>): JsonSchema {
  const {
    properties = {},
    required = [],
    ...rest
  } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).filter(([field]) => !fields.has(field))),
    required: required.filter((field) => !fields.has(field)),
  };
}
