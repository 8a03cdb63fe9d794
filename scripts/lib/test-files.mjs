import { join } from "node:path";
import { filesUnder } from "./files.mjs";
import { root } from "./repo.mjs";

const folders = ["shared/src", "sdk/src", "server/src", "server/test", "web/src", "bench/src", "e2e"];

/** The paths of all test files, relative to the root. */
export function testFiles() {
  return folders
    .flatMap((folder) => filesUnder(join(root, folder)).map((path) => `${folder}/${path}`))
    .filter((path) => /\.test\.tsx?$/.test(path));
}
