import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSdkTypes } from "./lib/build-sdk.mjs";
import { buildTypes } from "./lib/build-types.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";
import { requirements, requirementsPath } from "./lib/requirements.mjs";
import { sdkReference } from "./lib/sdk-reference.mjs";

// This script generates the committed documents from the code. With --check it writes nothing, and fails if a
// document differs from the code.
const isCheck = process.argv.includes("--check");

const LINE_WIDTH = 110;
const metricsPath = "docs/metrics.md";
const TABLES_MARK = "<!-- Generated from server/src/ops/metrics/table.ts by npm run generate. -->";

try {
  await generate();
} catch (error) {
  fail(error);
}

async function generate() {
  await buildTypes();
  await buildSdkTypes();
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
  const [{ openApi }, { asyncApi }, { version }, { metricTables }] = await Promise.all([
    import("../server/dist/ops/openapi.js"),
    import("../server/dist/ops/asyncapi.js"),
    import("../server/dist/ops/version.js"),
    import("../server/dist/ops/metrics/document.js"),
  ]);
  return {
    [requirementsPath]: requirements(),
    "docs/sdk.md": sdkReference(),
    [metricsPath]: withTables(existing(metricsPath), metricTables()),
    "docs/openapi.json": json(plain(openApi(version))),
    "docs/asyncapi.json": json(plain(asyncApi(version))),
  };
}

/** Replaces the text after the mark. */
function withTables(text, tables) {
  const at = text.indexOf(TABLES_MARK);
  if (at < 0) throw new Failure(`${metricsPath} lacks the line ${TABLES_MARK}`);
  return `${text.slice(0, at)}${TABLES_MARK}\n\n${tables}`;
}

/** The value after a round trip through JSON: `toJSON` was called, and undefined fields are gone. */
function plain(value) {
  return JSON.parse(JSON.stringify(value));
}

/** JSON for readers: a value that fits on one line is not split. */
function json(value) {
  return `${print(value, "")}\n`;
}

function print(value, indent) {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= LINE_WIDTH) return line;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => print(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${print(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${indent}${close}`;
}

function existing(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}
