import { channelContracts } from "@grandstand/shared/channel-contracts";
import { channelKinds } from "@grandstand/shared/channels";
import { contract, type OperationName } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import fc from "fast-check";
import { z } from "zod";
import { hostileText, hostileValue } from "./hostile-values.js";

type Fields = Record<string, unknown>;
type Schema = Fields & { type?: string; properties?: Record<string, Schema>; required?: string[] };

/** There are few ids, so that calls often refer to the same boards, rooms and users. */
const ids = ["a1", "a2", "constructor", "A.b_c:d@e-f"];
const people = ["$me", "ann", "zoë", "constructor", "x:{y}", "🎯 ", "e\u0301", "\u00e9"];
/** The values of some fields, by the name of the field. */
const known: Record<string, readonly unknown[]> = {
  board: ids,
  counter: ids,
  room: [...ids, "dm:ann:bo"],
  member: people,
  user: people,
  visitor: people,
  channel: channelKinds.flatMap((kind) => [...ids, "dm:ann:bo", "$me"].map((id) => `${kind}:${id}`)),
  emoji: ["👍", "❤", "👩‍👩‍👧‍👦", "🇩🇪"],
  timezone: ["UTC", "Europe/Berlin", "europe/berlin", "+05:30", "Etc/GMT+14", "Pacific/Chatham"],
  cron: ["0 0 * * *", "*/5 * * * *", "0 0 29 2 *", "0 0 30 2 *", "0 0 1 1 7#5", "0 0 L * *", "* * * * * 8"],
  window: ["all", "daily", "weekly", "w"],
  season: ["all", "2026-W48", "all.2", "2026-11-24"],
  prefix: ["a", "A.", "constructor"],
  cursor: ["YQ", "0", "18446744073709551615", "99999999999999999999", "WyJhbGwiLCJhbGwiLCIxIiwiQUFBQSJd"],
  text: ["hello", " x ", "a\nb", "\u202e", "👍".repeat(4_000)],
  content: [
    '{"member":"ann","score":1}\n{"member":"bo","score":"x"}\n{',
    'member,score\nann,1\n"bo',
    "\n\n",
    "",
  ],
  idempotencyKey: ["k1", "k2", "constructor"],
  name: ["Ann", "w", "w2", "\u202e"],
};

/** Inputs that fit an operation's JSON schema. They may break rules that the schema does not express. */
export function inputOf(operation: Operation): fc.Arbitrary<Fields> {
  const fields = arbitraryOf(schemaOf(operation.input), "") as fc.Arbitrary<Fields>;
  if (!operation.isWrite) return fields;
  return fc
    .tuple(fields, fc.option(fc.constantFrom(...known.idempotencyKey!), { nil: undefined, freq: 3 }))
    .map(([input, idempotencyKey]) => (idempotencyKey === undefined ? input : { ...input, idempotencyKey }));
}

/** Inputs of which about half fit the schema. Most others are broken in one or two places. */
export function attackOn(operation: Operation): fc.Arbitrary<unknown> {
  const inputs = inputOf(operation);
  const broken = fc.tuple(inputs, fc.array(fault, { minLength: 1, maxLength: 2 })).map(breakInput);
  return fc.oneof(
    { weight: 10, arbitrary: inputs },
    { weight: 10, arbitrary: broken },
    { weight: 1, arbitrary: hostileValue },
  );
}

/** The JSON schema of an input, in which each `$ref` is replaced by the schema that it refers to. */
function schemaOf(input: z.ZodType): Schema {
  const { $defs = {}, ...schema } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  const definitions: Record<string, object> = { ...$defs };
  if ("ChannelView" in definitions) {
    definitions.ChannelView = { anyOf: Object.values(channelContracts).map(({ view }) => schemaOf(view)) };
  }
  const resolved = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null || !("$ref" in value)) return value;
    const { $ref, ...own } = value;
    return { ...definitions[String($ref).slice("#/$defs/".length)], ...own };
  };
  return JSON.parse(JSON.stringify(schema, resolved)) as Schema;
}

function arbitraryOf(schema: Schema, field: string): fc.Arbitrary<unknown> {
  const fromKnown = known[field];
  if (fromKnown && schema.type !== "array") return fc.constantFrom(...fromKnown);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, field)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  switch (schema.type) {
    case "object":
      return schema.properties ? recordOf(schema) : fc.dictionary(hostileText, hostileValue, { maxKeys: 2 });
    case "array":
      return fc.array(arbitraryOf(schema.items as Schema, singular(field)), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 4), 4),
      });
    case "integer":
      return numberIn(schema, fc.maxSafeInteger(), 1);
    case "number":
      return numberIn(schema, fc.double({ noNaN: true, noDefaultInfinity: true }), 0.5);
    case "boolean":
      return fc.boolean();
    default:
      return hostileText;
  }
}

function recordOf({ properties, required = [] }: Schema): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(
    Object.entries(properties!).map(([field, schema]) => [field, arbitraryOf(schema, field)]),
  );
  return fc.record(model, { requiredKeys: required });
}

/** Mostly small numbers, so that calls share them; also the bounds, their neighbours, and any number. */
function numberIn(schema: Schema, any: fc.Arbitrary<number>, step: number): fc.Arbitrary<number> {
  const bounds = [schema.minimum, schema.maximum, schema.exclusiveMinimum].filter(
    (bound) => typeof bound === "number",
  );
  const edges = bounds.flatMap((bound) => [bound - step, bound, bound + step]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 2, arbitrary: fc.constantFrom(0, -0, ...edges) },
    { weight: 1, arbitrary: any },
  );
}

function singular(field: string): string {
  return field.replace(/s$/, "");
}

interface Fault {
  at: number;
  kind: "replace" | "drop" | "add";
  key: string;
  value: unknown;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.nat(1_000),
  kind: fc.constantFrom("replace", "replace", "replace", "drop", "add"),
  key: hostileText,
  value: hostileValue,
});

function breakInput([input, faults]: [Fields, Fault[]]): Fields {
  const broken = structuredClone(input);
  for (const { at, kind, key, value } of faults) {
    const places = placesIn(broken);
    const [holder, field] = places[at % Math.max(places.length, 1)] ?? [broken, key];
    if (kind === "drop") delete holder[field];
    else define(holder, kind === "add" ? key : field, structuredClone(value));
  }
  return broken;
}

/** Sets a field, even one named `__proto__`: an assignment would change the prototype instead. */
function define(holder: Fields, field: string, value: unknown): void {
  // `defineProperty` throws for the `length` of an array. It need not be set: an array in JSON has no `length`.
  if (Array.isArray(holder) && field === "length") return;
  Object.defineProperty(holder, field, { value, enumerable: true, configurable: true, writable: true });
}

/** Every field within a value, with the object that contains it, down to the depth that schemas have. */
function placesIn(value: unknown, levels = 4): [holder: Fields, field: string][] {
  if (typeof value !== "object" || value === null || levels === 0) return [];
  const holder = value as Fields;
  return Object.keys(holder).flatMap((field) => {
    const inside = placesIn(holder[field], levels - 1);
    inside.push([holder, field]);
    return inside;
  });
}

/** One call of an attack. */
export interface Attack {
  operation: OperationName;
  input: unknown;
}

/** At least `count` attacks, on all operations in turn. */
export function attacks(count: number, seed: number): Attack[] {
  const names = Object.keys(contract) as OperationName[];
  const each = Math.ceil(count / names.length);
  const columns = names.map((operation, column) =>
    fc
      .sample(attackOn(contract[operation]), { numRuns: each, seed: seed + column })
      .map((input): Attack => ({ operation, input })),
  );
  return Array.from({ length: each }, (_, row) => columns.map((column) => column[row]!)).flat();
}
