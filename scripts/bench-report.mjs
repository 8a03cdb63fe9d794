import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { runNode } from "./lib/node.mjs";
import { root } from "./lib/repo.mjs";

/** `npm run bench:report`: writes docs/benchmarks.md, its charts and docs/capacity.md from the results of `npm run bench`. */
async function report() {
  await build();
  const { succeeded, output } = await runNode([join(root, "bench/dist/document-main.js")]);
  if (!succeeded) throw new Failure(output.trim());
  console.log(output.trim());
}

report().catch(fail);
