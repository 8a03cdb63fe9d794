import { join } from "node:path";
import { fingerprintOf, readStamp, writeStamp } from "./build-stamp.mjs";
import { Failure } from "./failure.mjs";
import { runNode } from "./node.mjs";
import { root } from "./repo.mjs";

/** The files from which the API documents are made. */
const sources = { folders: ["shared/src", "server/src"], files: ["server/package.json"] };

const folder = join(root, "server/dist/ops");
const stamp = join(folder, ".documents-built");

/** Writes the OpenAPI and AsyncAPI documents next to the compiled code, so that a node does not make them when it starts. */
export async function buildDocuments() {
  const fingerprint = fingerprintOf(sources);
  if (fingerprint === readStamp(stamp)) return;

  const { succeeded, output } = await runNode([join(root, "scripts/lib/write-documents.mjs"), folder]);
  if (!succeeded) throw new Failure(`The API documents were not written:\n${output.trim()}`);
  writeStamp(stamp, fingerprint);
}
