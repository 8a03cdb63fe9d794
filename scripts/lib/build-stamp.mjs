import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesUnder } from "./files.mjs";
import { root } from "./repo.mjs";

/**
 * A hash of the sources of a build. It covers the contents of files, because modification times show neither that a file
 * was deleted nor that a file was replaced by one with an older date.
 *
 * @param {{ files: string[], folders: string[] }} sources paths from the root
 */
export function fingerprintOf({ files, folders }) {
  const hash = createHash("sha256");
  const inFolders = folders.flatMap((folder) =>
    filesUnder(join(root, folder)).map((path) => join(folder, path)),
  );
  for (const path of [...files, ...inFolders]) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** The fingerprint that the last build wrote to a file; undefined if the file does not exist. */
export function readStamp(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export function writeStamp(path, fingerprint) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fingerprint);
}
