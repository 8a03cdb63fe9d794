import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

/** One atomic operation: a Lua file whose head says what KEYS, ARGV and the reply are. */
export interface Script {
  name: string;
  lua: string;
  numberOfKeys: number;
}

const INCLUDE = /^--- @include (\S+)$/gm;

function readLua(url: URL): string {
  return readFileSync(url, "utf8").replace(INCLUDE, (_line, path: string) => readLua(new URL(path, url)));
}

/**
 * Loads `<directory>/<name>.lua`. A line `--- @include ./part.lua` is replaced by that file.
 * @param directory URL of the folder, with a slash at its end, or of a file in it.
 */
export function defineScript(directory: string, name: string, numberOfKeys: number): Script {
  return { name, lua: readLua(new URL(`./${name}.lua`, directory)), numberOfKeys };
}

export type ScriptArgument = string | number | Buffer;
type Call = (...args: ScriptArgument[]) => Promise<unknown>;

const defined = new WeakMap<Redis, Set<string>>();

function bind(redis: Redis, script: Script): string {
  const known = defined.get(redis) ?? new Set();
  defined.set(redis, known);
  // ioredis keeps one namespace of commands; the prefix keeps ours apart from Redis's own.
  const command = `gs_${script.name}`;
  if (!known.has(command)) {
    redis.defineCommand(command, { lua: script.lua, numberOfKeys: script.numberOfKeys });
    known.add(command);
  }
  return command;
}

function call(redis: Redis, command: string, keys: string[], args: ScriptArgument[]): Promise<unknown> {
  return (redis as unknown as Record<string, Call>)[command]!(...keys, ...args);
}

/** Runs a script (EVALSHA, loading it where it is missing); the reply's strings are decoded as UTF-8. */
export function runScript(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, bind(redis, script), keys, args);
}

/** The same, with the reply's strings as Buffers: for replies that carry binary records. */
export function runScriptRaw(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, `${bind(redis, script)}Buffer`, keys, args);
}
