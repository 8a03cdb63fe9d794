import { buildSdk, buildSdkTypes } from "./lib/build-sdk.mjs";
import { buildTypes } from "./lib/build-types.mjs";
import { fail } from "./lib/failure.mjs";

/** Builds the files of the SDK's npm package. `npm pack` in sdk/ runs this script before it packs them. */
try {
  await buildTypes();
  await buildSdk();
  await buildSdkTypes();
} catch (error) {
  fail(error);
}
