import { join } from "node:path";
import { fingerprintOf, readStamp, writeStamp } from "./build-stamp.mjs";
import { Failure } from "./failure.mjs";
import { runNode, secondsSince, toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

/** The sources of the page. They include the SDK and `shared`, because the build bundles both from their sources. */
const sources = {
  folders: ["web/src", "web/public", "sdk/src", "shared/src"],
  files: [
    "web/index.html",
    "web/console/index.html",
    "web/vite.config.ts",
    "web/package.json",
    "sdk/package.json",
    "shared/package.json",
    "package.json",
    "package-lock.json",
  ],
};

const stamp = join(root, "web/dist/.built");

/** Builds the web page, unless the last build used the same files. */
export async function buildPage() {
  // Computed before the build, so that an edit during the build does not count as built.
  const fingerprint = fingerprintOf(sources);
  if (fingerprint === readStamp(stamp)) return;

  const startedAt = Date.now();
  const { succeeded, output } = await runNode([toolPath("vite"), "build", "--logLevel", "warn"], {
    cwd: join(root, "web"),
    // Ignores NODE_ENV of the shell: a development build of React is several times slower.
    env: { NODE_ENV: "production" },
  });
  if (!succeeded) throw new Failure(`The web page did not build:\n${output.trim()}`);
  writeStamp(stamp, fingerprint);
  console.log(`Built the web page (${secondsSince(startedAt)})`);
}
