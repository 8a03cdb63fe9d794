import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The sorted paths of all files under `folder`, relative to it. Empty if the folder does not exist. */
export function filesUnder(folder) {
  try {
    return readdirSync(folder, { recursive: true })
      .filter((path) => lstatSync(join(folder, path)).isFile())
      .sort();
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
