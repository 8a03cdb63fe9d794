import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

/** One atomic operation: a Lua file whose head says what KEYS, ARGV and the reply are. */
export interface Script {
  /** `<folder>.<file>`, as in `leaderboard.submit`. */
  name: string;
  lua: string;
  /** Where the number of keys is always the same. */
  numberOfKeys?: number | undefined;
}

const INCLUDE = /^--- @include (\S+)$/gm;

function readLua(url: URL): string {
  return readFileSync(url, "utf8").replace(INCLUDE, (_line, path: string) => readLua(new URL(path, url)));
}

const scripts = new Map<string, Script>();

/**
 * Loads `<folder>/<name>.lua`. A line `--- @include ./part.lua` is replaced by that file. Scripts are defined
 * where a module is loaded, before any connection is made.
 * @param module URL of a file in the script's folder
 */
export function defineScript(module: string, name: string, numberOfKeys?: number): Script {
  const folder = new URL(".", module).pathname.split("/").at(-2);
  // ioredis keeps one namespace of commands, Redis's own among them.
  const script = {
    name: `${folder}.${name}`,
    lua: readLua(new URL(`./${name}.lua`, module)),
    numberOfKeys,
  };
  if (scripts.has(script.name)) throw new TypeError(`the script ${script.name} is defined twice`);
  scripts.set(script.name, script);
  return script;
}

/**
 * Makes a connection know every script. All of them at once and at its beginning: a pipeline of ioredis knows
 * only those that were there when it began.
 */
export function knowScripts(redis: Redis): void {
  for (const { name, lua, numberOfKeys } of scripts.values()) {
    redis.defineCommand(name, numberOfKeys === undefined ? { lua } : { lua, numberOfKeys });
  }
}

export type ScriptArgument = string | number | Buffer;

type Call = (...args: ScriptArgument[]) => Promise<unknown>;

function call(
  redis: Redis,
  command: string,
  { numberOfKeys }: Script,
  keys: string[],
  args: ScriptArgument[],
): Promise<unknown> {
  const commands = redis as unknown as Record<string, Call>;
  return numberOfKeys === undefined
    ? commands[command]!(keys.length, ...keys, ...args)
    : commands[command]!(...keys, ...args);
}

/** Runs a script (EVALSHA, loading it where it is missing); the reply's strings are decoded as UTF-8. */
export function runScript(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, script.name, script, keys, args);
}

/** The same, with the reply's strings as Buffers: for replies that carry binary records. */
export function runScriptRaw(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, `${script.name}Buffer`, script, keys, args);
}
