import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { filesUnder } from "./files.mjs";
import { runNode, secondsSince, toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

/** The sources of the page. The SDK and the contract are bundled from source. */
const folders = ["web/src", "web/public", "sdk/src", "shared/src"];
const files = [
  "web/index.html",
  "web/vite.config.ts",
  "web/package.json",
  "sdk/package.json",
  "shared/package.json",
  "package-lock.json",
];

const stamp = join(root, "web/dist/.built");

/** Builds the web page, unless the last build used the same files. */
export async function buildPage() {
  // Computed before the build, so that an edit during the build does not count as built.
  const sources = fingerprint();
  if (sources === stampedFingerprint()) return;

  const startedAt = Date.now();
  const { succeeded, output } = await runNode([toolPath("vite"), "build", "--logLevel", "warn"], {
    cwd: join(root, "web"),
    // Ignores NODE_ENV of the shell: a development build of React is several times slower.
    env: { NODE_ENV: "production" },
  });
  if (!succeeded) throw new Failure(`The web page did not build:\n${output.trim()}`);
  writeFileSync(stamp, sources);
  console.log(`Built the web page (${secondsSince(startedAt)})`);
}

/** Hashes contents, because modification times miss deleted files and files with an old date. */
function fingerprint() {
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

function stampedFingerprint() {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return undefined;
  }
}
