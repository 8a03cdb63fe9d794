import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The paths of all files under `folder`, relative to it and sorted; none when it doesn't exist. */
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
