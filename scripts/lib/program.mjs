import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Folders of daemons, which the PATH of most users lacks. */
const daemonFolders = ["/usr/sbin", "/usr/local/sbin"];

/**
 * The absolute path of the first of `names` that is an executable on PATH or in `daemonFolders`; undefined if there
 * is none.
 */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...daemonFolders];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** Whether `path` is a file that this user may run. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
