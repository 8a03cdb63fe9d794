import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { filesUnder } from "./files.mjs";
import { root } from "./repo.mjs";

const source = join(root, "server/src");
const target = join(root, "server/dist");

/** Copies the server's Lua scripts next to its compiled code, which reads them from there. */
export function buildScripts() {
  const wanted = luaUnder(source);
  const stale = luaUnder(target).filter((path) => !wanted.includes(path));
  for (const path of stale) rmSync(join(target, path));

  const changed = wanted.filter((path) => !isSame(join(source, path), join(target, path)));
  for (const path of changed) cpSync(join(source, path), join(target, path));

  if (changed.length > 0) console.log(`Copied ${changed.length} of the server's Lua scripts`);
}

function luaUnder(folder) {
  return filesUnder(folder).filter((path) => path.endsWith(".lua"));
}

function isSame(one, other) {
  return existsSync(other) && readFileSync(one).equals(readFileSync(other));
}
