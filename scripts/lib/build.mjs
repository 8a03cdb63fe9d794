import { buildPage } from "./build-page.mjs";
import { buildScripts } from "./build-scripts.mjs";
import { buildSdk } from "./build-sdk.mjs";
import { buildTypes } from "./build-types.mjs";
import { Failure } from "./failure.mjs";

/** Builds what changed since the last time, and says what. Throws a Failure with the tools' own words. */
export async function build() {
  buildScripts();
  // Side by side: the page and the SDK are bundled from source, so they don't wait for the compiler.
  const outcomes = await Promise.allSettled([buildTypes(), buildPage(), buildSdk()]);

  const errors = outcomes.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  const unexpected = errors.find((error) => !(error instanceof Failure));
  if (unexpected) throw unexpected;
  if (errors.length > 0) throw new Failure(errors.map(({ message }) => message).join("\n\n"));
}
