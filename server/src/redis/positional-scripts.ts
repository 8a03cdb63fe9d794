// TEMPORARY bridge: the old positional API, until every domain is converted. Do not use in new code; deleted at the merge.
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

export interface Script {
  name: string;
  lua: string;
  numberOfKeys?: number | undefined;
}
export type ScriptArgument = string | number | Buffer;
const INCLUDE = /^--- @include (\S+)$/gm;
function readLua(url: URL): string {
  return readFileSync(url, "utf8").replace(INCLUDE, (_line, path: string) => readLua(new URL(path, url)));
}
const scripts = new Map<string, Script>();
export function defineScript(module: string, name: string, numberOfKeys?: number): Script {
  const folder = new URL(".", module).pathname.split("/").at(-2);
  const script = {
    name: `${folder}.${name}`,
    lua: readLua(new URL(`./lua/${name}.lua`, module)),
    numberOfKeys,
  };
  scripts.set(script.name, script);
  return script;
}
export function registerPositionalScripts(redis: Redis): void {
  for (const { name, lua, numberOfKeys } of scripts.values()) {
    redis.defineCommand(name, numberOfKeys === undefined ? { lua } : { lua, numberOfKeys });
  }
}
type Call = (...args: ScriptArgument[]) => Promise<unknown>;
function call(
  redis: Redis,
  command: string,
  { numberOfKeys }: Script,
  keys: string[],
  args: ScriptArgument[],
) {
  const commands = redis as unknown as Record<string, Call>;
  return numberOfKeys === undefined
    ? commands[command]!(keys.length, ...keys, ...args)
    : commands[command]!(...keys, ...args);
}
export function runScript(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, script.name, script, keys, args);
}
export function runScriptRaw(redis: Redis, script: Script, keys: string[], args: ScriptArgument[] = []) {
  return call(redis, `${script.name}Buffer`, script, keys, args);
}
