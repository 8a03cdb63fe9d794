import { buildSdk, buildSdkTypes } from "./lib/build-sdk.mjs";
import { buildTypes } from "./lib/build-types.mjs";
import { fail } from "./lib/failure.mjs";

/** Builds the SDK as it is published: `npm pack` in sdk/ runs this first. */
try {
  await buildTypes();
  await buildSdk();
  await buildSdkTypes();
} catch (error) {
  fail(error);
}
