import { build } from "./lib/build.mjs";
import { fail } from "./lib/failure.mjs";

await build().catch(fail);
