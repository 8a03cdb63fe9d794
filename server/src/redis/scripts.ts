import { createHash } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import type { Tracer } from "../observer/tracer.js";
import type { RedisCommands } from "./commands.js";
import {
  hasOnlyKeys,
  hasOptionalArgs,
  readScriptSource,
  type ScriptGroup,
  type ScriptSource,
  tracedLua,
} from "./script-source.js";

export type ScriptArgument = string | number | Buffer;

/** The name of an argument. A name that ends with `[]`, such as `members[]`, is that of a group: a list of any length. */
type ArgumentName = string;

/** Arguments by name. A group is a list of plain values, or of objects whose optional fields may be missing. */
export type ArgumentsOf<Name extends ArgumentName> = {
  [N in Name as N extends `${infer Group}[]` ? Group : N]: N extends `${string}[]`
    ? readonly (ScriptArgument | Record<string, ScriptArgument | undefined>)[]
    : ScriptArgument;
};

/**
 * The values that follow the status `ok` in a script's reply, by name. A name that ends with `[]` is that of a nested list. A
 * name that ends with `...` is that of the list of all remaining values.
 */
export type ReplyOf<Name extends string, Value = string> = {
  [N in Name as N extends `${infer List}...` | `${infer List}[]` ? List : N]: N extends
    | `${string}...`
    | `${string}[]`
    ? Value[]
    : Value;
};

/** One atomic operation: a Lua file that declares the names of its keys, arguments and replies. */
export interface Script<Args extends ArgumentName = never, Reply extends string = never> {
  /** `<domain>.<file>`, as in `chat.send`. */
  readonly name: string;
  readonly source: ScriptSource;
  /**
   * Whether replicas must confirm the script's writes. `GRANDSTAND_WAIT_REPLICAS` is the number of replicas. True for a
   * script that makes the change for which a client calls the API, as `chat.send` does.
   */
  readonly waitsForReplicas: boolean;
  /** Never set. It tells the compiler the names of the arguments and of the reply. */
  readonly types?: { args: Args; reply: Reply };
}

/** Keys by name. A group's keys are in a list of objects, under the name of the group. */
export type ScriptKeys = object;

const scripts = new Map<string, Script>();

/**
 * Returns a function that defines the scripts of one domain.
 * @param module URL of a file in the domain's folder, which contains the scripts under `lua/`
 * @param given the names of the keys and arguments that the domain gives to each of its scripts
 */
export function scriptsOf<Common extends ArgumentName = never>(
  module: string,
  given: { keys: readonly string[]; args?: readonly Common[] },
) {
  const folder = new URL(".", module).pathname.split("/").at(-2);
  /**
   * Reads `lua/<name>.lua`.
   * @param own `args` names the arguments that only this script takes. `reply` names the values after the status `ok`.
   * `waitsForReplicas` is needed only for a script that carries out the write of an operation and takes no idempotency key
   * @throws {TypeError} when TypeScript and Lua name different arguments or replies, Lua names an unknown key, or the script
   * is defined already
   */
  return function define<Args extends ArgumentName = never, Reply extends string = never>(
    name: string,
    own: { args?: readonly Args[]; reply?: readonly Reply[]; waitsForReplicas?: true } = {},
  ): Script<Args | Common, Reply> {
    const source = readScriptSource(new URL(`./lua/${name}.lua`, module));
    const script = {
      // The folder is part of the name, because ioredis has one namespace for scripts and Redis's own commands.
      name: `${folder}.${name}`,
      source,
      waitsForReplicas: own.waitsForReplicas ?? takesIdempotencyKey(source),
    };
    if (scripts.has(script.name)) throw new TypeError(`the script ${script.name} is defined twice`);
    checkNames(script, given, own);
    scripts.set(script.name, script);
    return script;
  };
}

function checkNames(
  { name, source }: Script,
  given: { keys: readonly string[]; args?: readonly string[] },
  own: { args?: readonly string[]; reply?: readonly string[] },
): void {
  const ownArgs = own.args ?? [];
  const declared = [
    ...source.args,
    ...source.groups.filter((group) => !hasOnlyKeys(group)).map((group) => `${group.name}[]`),
  ];
  const declaredKeys = [
    ...source.keys,
    ...source.groups.filter(({ keys }) => keys.length > 0).map((group) => `${group.name}[]`),
  ];
  const faults = [
    ...missing(declaredKeys, given.keys, "Lua names the key"),
    ...missing(declared, [...ownArgs, ...(given.args ?? [])], "Lua names the argument"),
    ...missing(ownArgs, declared, "TypeScript names the argument"),
  ];
  const reply = source.replies.get("ok") ?? [];
  if (own.reply !== undefined && own.reply.join(" ") !== reply.join(" ")) {
    faults.push(`Lua replies (${reply.join(" ")}), TypeScript reads (${own.reply.join(" ")})`);
  }
  if (faults.length > 0) throw new TypeError(`the script ${name}: ${faults.join("; ")}`);
}

function takesIdempotencyKey({ args, groups }: ScriptSource): boolean {
  return [args, ...groups.map((group) => group.args)].some((names) => names.includes("fingerprint"));
}

function missing(names: readonly string[], from: readonly string[], what: string): string[] {
  return names.filter((name) => !from.includes(name)).map((name) => `${what} ${name}`);
}

/**
 * Defines every script on a connection. It must run before the first command, because a pipeline of ioredis has only the
 * scripts that were defined when it began.
 */
export function registerScripts(redis: Redis | Cluster): void {
  for (const { name, source } of scripts.values()) redis.defineCommand(name, { lua: source.lua });
}

/** The tracers of the connections whose scripts are traced. */
const tracers = new WeakMap<object, Tracer>();

/** Defines every script on a connection again, so that each message that a script publishes carries the trace of its call. */
export function traceScripts(redis: Redis | Cluster, tracer: Tracer): void {
  tracers.set(redis, tracer);
  for (const { name, source } of scripts.values()) redis.defineCommand(name, { lua: tracedLua(source.lua) });
}

/** The names of all scripts by the SHA-1 digest that EVALSHA takes. */
export function scriptNames(): Map<string, string> {
  return new Map(
    [...scripts.values()].flatMap(({ name, source: { lua } }) => [
      [sha1(lua), name],
      [sha1(tracedLua(lua)), name],
    ]),
  );
}

/**
 * Identifies the scripts after which a node waits until replicas have confirmed the writes. Contains the text of each
 * script, as EVAL takes it, and its SHA-1 digest, as EVALSHA takes it.
 */
export function confirmedScripts(): Set<string> {
  const confirmed = [...scripts.values()].filter(({ waitsForReplicas }) => waitsForReplicas);
  const texts = confirmed.flatMap(({ source: { lua } }) => [lua, tracedLua(lua)]);
  return new Set([...texts, ...texts.map(sha1)]);
}

function sha1(lua: string): string {
  return createHash("sha1").update(lua).digest("hex");
}

/**
 * Runs a script (with EVALSHA; loads the script if Redis lacks it). The reply's strings are decoded as UTF-8.
 * @param keys by name; may contain more keys than the script declares
 * @param args by name, all that the script declares
 */
export function runScript<Args extends ArgumentName>(
  redis: RedisCommands,
  script: Script<Args, string>,
  keys: ScriptKeys,
  args: ArgumentsOf<Args>,
): Promise<unknown> {
  return send(redis, script.name, script.source, keys, args);
}

/** Like `runScript`, with the reply's strings as Buffers, for replies that contain binary records. */
export function runScriptRaw<Args extends ArgumentName>(
  redis: RedisCommands,
  script: Script<Args, string>,
  keys: ScriptKeys,
  args: ArgumentsOf<Args>,
): Promise<unknown> {
  return send(redis, `${script.name}Buffer`, script.source, keys, args);
}

type Items = readonly (ScriptArgument | Record<string, ScriptArgument | undefined>)[];

/** The number of arguments sent for each item of a group: optional ones at the end are left out if no item has them. */
function widthOf(group: ScriptGroup, items: Items): number {
  let width = group.requiredArgs;
  for (const item of items as readonly Record<string, ScriptArgument | undefined>[]) {
    while (width < group.args.length && group.args.slice(width).some((name) => isGiven(item[name])))
      width += 1;
  }
  return width;
}

function isGiven(value: ScriptArgument | undefined): boolean {
  return value !== undefined && value !== "";
}

function send(
  redis: RedisCommands,
  command: string,
  source: ScriptSource,
  keyObject: ScriptKeys,
  args: Record<string, unknown>,
): Promise<unknown> {
  const keys = keyObject as Record<string, unknown>;
  const values: unknown[] = [0];
  for (const name of source.keys) values.push(keys[name]);
  for (const group of source.groups) {
    for (const item of group.keys.length === 0 ? [] : (keys[group.name] as Record<string, string>[])) {
      for (const name of group.keys) values.push(item[name]);
    }
  }
  values[0] = values.length - 1;
  for (const name of source.args) values.push(args[name]);
  const widths = source.groups.map((group) =>
    hasOptionalArgs(group) ? widthOf(group, args[group.name] as Items) : group.args.length,
  );
  for (const [at, group] of source.groups.entries()) {
    values.push(((hasOnlyKeys(group) ? keys : args)[group.name] as Items).length);
    if (hasOptionalArgs(group)) values.push(widths[at]);
  }
  for (const [at, group] of source.groups.entries()) {
    for (const item of hasOnlyKeys(group) ? [] : (args[group.name] as Items)) {
      if (typeof item !== "object" || Buffer.isBuffer(item)) values.push(item);
      else {
        for (let number = 0; number < widths[at]!; number += 1) {
          const value = item[group.args[number]!];
          values.push(number < group.requiredArgs ? value : (value ?? ""));
        }
      }
    }
  }
  const tracer = tracers.get(redis);
  if (tracer !== undefined) values.push(tracer.traceparent ?? "");
  const at = values.indexOf(undefined);
  if (at >= 0)
    throw new TypeError(`the script ${command} was called without value ${at} of ${values.length}`);
  return (redis as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>)[command]!(
    ...values,
  );
}

/**
 * Names what a script replied after its status.
 * @returns the values by the names that the script declares for the status
 */
export function namedReply<Reply extends string, Value = string>(
  { name, source }: Script<never, Reply> | Script<string, Reply>,
  status: string,
  values: readonly (Value | Value[])[],
): ReplyOf<Reply, Value> {
  const names = source.replies.get(status);
  if (names === undefined) throw new TypeError(`the script ${name} returned the unknown status ${status}`);
  const named: Record<string, Value | Value[]> = {};
  for (const [at, slot] of names.entries()) {
    if (slot.endsWith("...")) named[slot.slice(0, -3)] = values.slice(at) as Value[];
    else named[slot.replace("[]", "")] = values[at]!;
  }
  return named as ReplyOf<Reply, Value>;
}
