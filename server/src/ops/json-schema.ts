import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

const ZOD_REFERENCE = "#/$defs/";
const REFERENCE = "#/components/schemas/";

/** The named schemas of one document. A schema with an `id` appears once, and is referred to everywhere else. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  /** The JSON Schema of what a caller may send (`input`: defaults may be left out) or receives (`output`). */
  schema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    // Converted inside an object, because zod turns a schema with an id into a reference only inside another schema.
    const converted = z.toJSONSchema(z.object({ schema }), {
      io,
      unrepresentable: "any",
      override: simplify,
    });
    const { properties, $defs = {} } = JSON.parse(
      JSON.stringify(converted, referenceOnly).replaceAll(ZOD_REFERENCE, REFERENCE),
    ) as { properties: { schema: JsonSchema }; $defs?: Record<string, JsonSchema> };
    for (const [name, definition] of Object.entries($defs)) this.add(name, definition);
    return properties.schema;
  }

  /**
   * @throws when a different schema has this name. If the input and the output schema of a type differ, they need
   * two names.
   */
  add(name: string, schema: JsonSchema): JsonSchema {
    const known = this.#schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`Two schemas have the name ${name}`);
    }
    this.#schemas.set(name, schema);
    return referenceTo(name);
  }

  /** Replaces a generated schema with a handwritten one, which zod can't express. */
  replace(name: string, schema: JsonSchema): void {
    this.#schemas.set(name, schema);
  }

  /** The description of a schema, or of the schema to which it refers. */
  descriptionOf(schema: JsonSchema): string | undefined {
    return (schema.description ?? this.#resolve(schema)?.description) as string | undefined;
  }

  isObject(schema: JsonSchema): boolean {
    return this.#resolve(schema)?.type === "object";
  }

  #resolve(schema: JsonSchema): JsonSchema | undefined {
    if (schema.$ref === undefined) return schema;
    return this.#schemas.get(String(schema.$ref).slice(REFERENCE.length));
  }

  toJSON(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

export function referenceTo(name: string): JsonSchema {
  return { $ref: `${REFERENCE}${name}` };
}

/**
 * Keeps only the fields of a reference that may differ from the schema to which it refers. zod repeats other fields of
 * that schema too, such as its pattern.
 */
function referenceOnly(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$ref" in value)) return value;
  const { $ref, description, default: fallback } = value as JsonSchema;
  return { $ref, description, default: fallback };
}

/** Leaves out what readers and generated clients have no use for. */
function simplify({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  const { def } = zodSchema._zod;
  const isStrict = def.type === "object" && def.catchall?._zod.def.type === "never";
  if (jsonSchema.additionalProperties === false && !isStrict) delete jsonSchema.additionalProperties;
  // `format` says the same as the pattern.
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  // zod writes the patterns of several checks into `allOf`. A `pattern` that the contract (`shared/`) sets replaces them.
  if (jsonSchema.pattern !== undefined) delete jsonSchema.allOf;
  if (jsonSchema.type === "integer" && jsonSchema.$ref === undefined) {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER && !hasContractId(zodSchema))
      delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER && !hasContractId(zodSchema))
      delete jsonSchema.maximum;
  }
}

/**
 * Whether an integer schema has an id in the contract. The safe-integer limits of a schema with an id are intended.
 * Those of a schema without an id were added by zod.
 */
function hasContractId(schema: z.core.$ZodTypes): boolean {
  return z.globalRegistry.get(schema)?.id !== undefined;
}

/** An object schema without some of its fields. */
export function without(schema: JsonSchema, fields: ReadonlySet<string>): JsonSchema {
  const { properties, required, ...rest } = schema;
  const kept = (required as string[] | undefined)?.filter((field) => !fields.has(field)) ?? [];
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties ?? {}).filter(([field]) => !fields.has(field))),
    ...(kept.length > 0 && { required: kept }),
  };
}
