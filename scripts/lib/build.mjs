import { buildDocuments } from "./build-documents.mjs";
import { buildPage } from "./build-page.mjs";
import { buildScripts } from "./build-scripts.mjs";
import { buildSdk } from "./build-sdk.mjs";
import { buildTypes } from "./build-types.mjs";
import { Failure } from "./failure.mjs";

/** Builds what has changed and prints what it built. Throws a Failure with the output of the tools. */
export async function build() {
  buildScripts();
  // In parallel: the page and the SDK are bundled from source, so they do not need the compiler's output.
  const outcomes = await Promise.allSettled([buildTypes().then(buildDocuments), buildPage(), buildSdk()]);

  const errors = outcomes.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  const unexpected = errors.find((error) => !(error instanceof Failure));
  if (unexpected) throw unexpected;
  if (errors.length > 0) throw new Failure(errors.map(({ message }) => message).join("\n\n"));
}
