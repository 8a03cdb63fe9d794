import { readFileSync } from "node:fs";
import { TRACE_SEPARATOR } from "../observer/traced-message.js";
import { arrangeFunctions } from "./script-functions.js";

/** A repeated part of a script's keys or arguments, such as the members of a lookup. */
export interface ScriptGroup {
  name: string;
  /** The names of each item's keys and arguments. If `keys` and `args` are both empty, an item is one plain argument. */
  keys: string[];
  args: string[];
  /**
   * Every call sends the first `requiredArgs` of `args` for each item. The others are optional. A call sends them up to the
   * last one that any of its items has, with "" where an item has no value.
   */
  requiredArgs: number;
}

/** A script as its Lua files declare it. */
export interface ScriptSource {
  lua: string;
  keys: string[];
  args: string[];
  groups: ScriptGroup[];
  /**
   * For each status, the names of the values that follow it in the reply. `rooms[]` names a nested list; `rooms...`, as the
   * last name, stands for all further values.
   */
  replies: Map<string, string[]>;
}

const INCLUDE = /^--- @include (\S+)$/gm;
const DECLARATION = /^--- @(keys|args|reply) (.*)$/gm;
const GROUP = /^(\w+)\[\](?:: (.*))?$/;
const REPLY = /^(\w+):?\s*(.*)$/;

/**
 * Reads a script and its includes. Its files declare names at their head:
 *
 *     --- @include ./room.lua
 *     --- @keys meta log
 *     --- @keys windows[]: ranking records
 *     --- @args user publishCommand
 *     --- @args windows[]: name season label?
 *     --- @args members[]
 *     --- @reply ok: offset id
 *     --- @reply muted: untilMs
 *
 * Lua then finds each key as `META_KEY`, each argument as `publish_command`, a group as `windows_count` and
 * `windows_at(number)` (a table with the item's values by name), and a plain list as `members_count` and
 * `members_at(number)` (a string). In a group, an argument whose name ends in `?` is optional: it is "" if an item lacks
 * it. A group may have keys and no arguments.
 * Functions that few runs call are marked by a line `--- @lazy` (script-functions.ts).
 */
export function readScriptSource(url: URL): ScriptSource {
  const text = withIncludes(url);
  const source: ScriptSource = { lua: "", keys: [], args: [], groups: [], replies: new Map() };
  for (const [line, kind, rest] of text.matchAll(DECLARATION)) {
    declare(source, kind as "keys" | "args" | "reply", rest!.trim(), line);
  }
  const arranged = arrangeFunctions(text);
  source.lua = prelude(source, arranged) + arranged;
  return source;
}

/** Inserts each included file once, at its first include, because several files may include the same one. */
function withIncludes(url: URL, seen = new Set<string>()): string {
  if (seen.has(url.href)) return "";
  seen.add(url.href);
  return readFileSync(url, "utf8").replace(INCLUDE, (_, path: string) =>
    withIncludes(new URL(path, url), seen),
  );
}

function declare(source: ScriptSource, kind: "keys" | "args" | "reply", text: string, line: string): void {
  if (kind === "reply") {
    const [, status, names] = REPLY.exec(text) ?? [];
    if (status === undefined) throw new TypeError(`not a reply: ${line}`);
    source.replies.set(status, namesIn(names!));
    return;
  }
  const [, group, fields = ""] = GROUP.exec(text) ?? [];
  if (group === undefined) {
    const names = namesIn(text);
    const twice = names.find((name) => source[kind].includes(name));
    if (twice !== undefined) throw new TypeError(`${twice} is declared twice: ${line}`);
    source[kind].push(...names);
    return;
  }
  let known = source.groups.find(({ name }) => name === group);
  if (!known) {
    known = { name: group, keys: [], args: [], requiredArgs: 0 };
    source.groups.push(known);
  }
  const names = namesIn(fields);
  known[kind] = names.map((name) => name.replace("?", ""));
  if (kind === "args") known.requiredArgs = names.filter((name) => !name.endsWith("?")).length;
}

function namesIn(text: string): string[] {
  return text.split(/\s+/).filter((name) => name !== "");
}

export function hasOptionalArgs({ args, requiredArgs }: ScriptGroup): boolean {
  return requiredArgs < args.length;
}

/** A group that only names keys: the call gives no arguments for it. */
export function hasOnlyKeys({ keys, args }: ScriptGroup): boolean {
  return keys.length > 0 && args.length === 0;
}

function isList(group: ScriptGroup): boolean {
  return group.keys.length === 0 && group.args.length === 0;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Extends a script by a last argument: a W3C `traceparent`, or "". The script appends it to each message that it publishes.
 * The added code is on the first line, so that the line numbers in errors stay correct.
 */
export function tracedLua(lua: string): string {
  const separator = `\\${TRACE_SEPARATOR.charCodeAt(0)}`;
  return `local traceparent = table.remove(ARGV); local redis = traceparent == '' and redis or setmetatable({ call = function(command, ...) if command ~= 'PUBLISH' and command ~= 'SPUBLISH' then return redis.call(command, ...) end; local topic, message = ...; return redis.call(command, topic, message .. '${separator}' .. traceparent) end }, { __index = redis }); ${lua}`;
}

/** Lua code on one line: a local for each key and argument that the script's text uses. */
function prelude({ keys, args, groups }: ScriptSource, text: string): string {
  const lines: string[] = [];
  const local = (name: string, value: string) => {
    if (new RegExp(`\\b${name}\\b`).test(text)) lines.push(`local ${name} = ${value}`);
  };
  for (const [at, name] of keys.entries()) local(`${snakeCase(name).toUpperCase()}_KEY`, `KEYS[${at + 1}]`);
  for (const [at, name] of args.entries()) local(snakeCase(name), `ARGV[${at + 1}]`);
  let head = args.length;
  let keysBefore = String(keys.length);
  let argsBefore = String(args.length + groups.length + groups.filter(hasOptionalArgs).length);
  for (const group of groups) {
    const name = snakeCase(group.name);
    head += 1;
    lines.push(`local ${name}_count = tonumber(ARGV[${head}])`);
    let width = String(isList(group) ? 1 : group.args.length);
    if (hasOptionalArgs(group)) {
      head += 1;
      width = `${name}_width`;
      lines.push(`local ${width} = tonumber(ARGV[${head}])`);
    }
    lines.push(`local ${name}_keys, ${name}_args = ${keysBefore}, ${argsBefore}`);
    lines.push(`local function ${name}_at(number) ${itemOf(group, name, width)} end`);
    keysBefore = `${name}_keys + ${name}_count * ${group.keys.length}`;
    argsBefore = `${name}_args + ${name}_count * ${width}`;
  }
  return lines.length === 0 ? "" : `${lines.join("; ")}\n`;
}

function itemOf(group: ScriptGroup, name: string, width: string): string {
  if (isList(group)) return `return ARGV[${name}_args + number]`;
  const fields = [
    ...group.keys.map((key, at) => `${snakeCase(key)} = KEYS[key_at + ${at + 1}]`),
    ...group.args.map((arg, at) => {
      const value = `ARGV[arg_at + ${at + 1}]`;
      const isOptional = at >= group.requiredArgs;
      return `${snakeCase(arg)} = ${isOptional ? `${width} > ${at} and ${value} or ''` : value}`;
    }),
  ];
  return (
    `local key_at = ${name}_keys + (number - 1) * ${group.keys.length}; ` +
    `local arg_at = ${name}_args + (number - 1) * ${width}; ` +
    `return { ${fields.join(", ")} }`
  );
}
