import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildTypes } from "./lib/build-types.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";

/**
 * Generates the committed documents from the code. With --check it writes nothing, and fails if a document
 * differs from the code.
 */
const isCheck = process.argv.includes("--check");

try {
  await generate();
} catch (error) {
  fail(error);
}

async function generate() {
  await buildTypes();
  const changed = Object.entries(await documents()).filter(([path, text]) => text !== existing(path));
  if (isCheck && changed.length > 0) {
    const paths = changed.map(([path]) => path).join(", ");
    throw new Failure(`Out of date: ${paths}. Run npm run generate and commit the result.`);
  }
  for (const [path, text] of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`Wrote ${path}`);
  }
}

/** The text of each generated file by its path, relative to the repository. */
async function documents() {
  const [{ openApi }, { asyncApi }, { version }] = await Promise.all([
    import("../server/dist/ops/openapi.js"),
    import("../server/dist/ops/asyncapi.js"),
    import("../server/dist/ops/version.js"),
  ]);
  return {
    "docs/openapi.json": json(openApi(version)),
    "docs/asyncapi.json": json(asyncApi(version)),
  };
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function existing(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}
