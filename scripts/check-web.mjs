import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPage } from "./lib/build-page.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";

const dist = join(root, "web/dist");

/** How much a browser may load before it shows a page: minified and compressed scripts and styles, without fonts. */
const budgets = [
  { what: "first load of the demo", page: "index.html", kib: 90 },
  { what: "first load of the console", page: "console/index.html", kib: 120 },
];

try {
  await buildPage();
  const sizes = budgets.map((budget) => ({ ...budget, bytes: firstLoadBytes(budget.page) }));
  for (const { what, bytes, kib } of sizes) {
    console.log(`${what.padEnd(26)} ${(bytes / 1024).toFixed(1).padStart(6)} KiB of ${kib}`);
  }
  const tooLarge = sizes.filter(({ bytes, kib }) => bytes > kib * 1024).map(({ what }) => what);
  if (tooLarge.length > 0) throw new Failure(`Larger than the budget: ${tooLarge.join(", ")}`);
} catch (error) {
  fail(error);
}

/**
 * The size of the scripts and styles that the page names. The page that Vite builds also names the static
 * imports of its scripts.
 */
function firstLoadBytes(page) {
  const html = readFileSync(join(dist, page), "utf8");
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
  return files.reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path))).length, 0);
}
