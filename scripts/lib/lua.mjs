import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import * as stylua from "@johnnymorganz/stylua";
import luaparse from "luaparse";
import { Failure } from "./failure.mjs";
import { filesUnder } from "./files.mjs";
import { root } from "./repo.mjs";

const folders = ["server/src", "bench/src"];
const MAX_COLUMNS = 110;
/** StyLua treats the width as a guide and may exceed it. */
const FORMAT_COLUMNS = 106;

/** What Redis offers to a script, and the parts of Lua that scripts may use. */
const globals = new Set(
  "redis cjson cmsgpack struct bit KEYS ARGV math string table tonumber tostring type ipairs pairs unpack select next error assert".split(
    " ",
  ),
);

/** Formats every Lua file. @returns the paths that changed */
export function formatLua() {
  return luaFiles().filter((path) => {
    const text = readFileSync(path, "utf8");
    const formatted = format(text);
    if (formatted !== text) writeFileSync(path, formatted);
    return formatted !== text;
  });
}

/**
 * Checks the format of every Lua file. A script with its includes may use only globals that Redis offers, must use every
 * name that it declares, and must not read a key or argument by its number. The scripts of bench/ have no declarations, so
 * only their format is checked.
 */
export async function checkLua() {
  const { readScriptSource } = await import(pathToFileURL(join(root, "server/dist/redis/script-source.js")));
  const files = luaFiles();
  const included = new Set(files.flatMap(includesOf));
  const faults = files.flatMap((path) => [
    ...faultsOfText(path, readFileSync(path, "utf8")),
    ...(included.has(path) || path.includes("bench/") ? [] : faultsOfScript(path, readScriptSource)),
  ]);
  if (faults.length > 0) throw new Failure(faults.join("\n"));
}

function faultsOfText(path, text) {
  const name = relative(root, path);
  const lines = text.split("\n");
  const faults = lines.flatMap((line, at) => [
    ...(line.length > MAX_COLUMNS ? [`${name}:${at + 1}: longer than ${MAX_COLUMNS} columns`] : []),
    ...(/\b(KEYS|ARGV)\s*\[/.test(line) && !name.startsWith("bench/")
      ? [`${name}:${at + 1}: declare a name with @keys or @args instead of a position`]
      : []),
  ]);
  if (format(text) !== text) faults.push(`${name}: not formatted; run npm run format`);
  return faults;
}

function faultsOfScript(path, readScriptSource) {
  const name = relative(root, path);
  try {
    const { lua } = readScriptSource(pathToFileURL(path));
    const faults = new Set();
    const { globals: found } = luaparse.parse(lua, { luaVersion: "5.1", scope: true });
    for (const { name: global } of found) {
      if (!globals.has(global)) faults.add(`${name}: ${global} is not declared`);
    }
    const used = new Set(wordsAfterHead(lua));
    for (const declared of declaredNames(readFileSync(path, "utf8"))) {
      if (!used.has(declared)) faults.add(`${name}: ${declared} is declared and never used`);
    }
    return [...faults];
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
}

/** The words of a script's code. Comments are left out, and so is the first line, in which the loader declares locals. */
function wordsAfterHead(lua) {
  return lua
    .split("\n")
    .slice(1)
    .filter((line) => !line.startsWith("--"))
    .join("\n")
    .match(/\w+/g);
}

function snakeCase(name) {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The words that a file's code must use, because the file declares them:
 * - `META_KEY` for `@keys meta`, and `new_epoch` for `@args newEpoch`
 * - `rooms_at`, `id` and `name` for `@args rooms[]: id name`
 * Names that only included files declare are left out, because a file need not use all of those.
 */
function declaredNames(lua) {
  return [...lua.matchAll(/^--- @(keys|args) (?:(\w+)\[\])?(.*)$/gm)].flatMap(([, kind, list, names]) => {
    const words = (names.match(/\w+/g) ?? []).map(snakeCase);
    if (list !== undefined) return [`${snakeCase(list)}_at`, ...words];
    return kind === "keys" ? words.map((word) => `${word.toUpperCase()}_KEY`) : words;
  });
}

function includesOf(path) {
  return [...readFileSync(path, "utf8").matchAll(/^--- @include (\S+)$/gm)].map(([, part]) =>
    join(dirname(path), part),
  );
}

function luaFiles() {
  return folders.flatMap((folder) =>
    filesUnder(join(root, folder))
      .filter((path) => path.endsWith(".lua"))
      .map((path) => join(root, folder, path)),
  );
}

function format(text) {
  const config = stylua.Config.new();
  config.column_width = FORMAT_COLUMNS;
  config.indent_type = stylua.IndentType.Spaces;
  config.indent_width = 2;
  config.quote_style = stylua.QuoteStyle.AutoPreferSingle;
  config.collapse_simple_statement = stylua.CollapseSimpleStatement.Always;
  return stylua.formatCode(text, config, undefined, stylua.OutputVerification.None);
}
