import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rolldown } from "rolldown";
import { Failure, fail } from "./lib/failure.mjs";
import { runNode, toolPath } from "./lib/node.mjs";
import { root } from "./lib/repo.mjs";

const sdk = join(root, "sdk");

/** The largest size of each entry point, minified and compressed, without React and without chunks that are loaded later. */
const budgets = [
  { what: "core with its transport", exports: { client: "{ createClient, GrandstandError }" }, kib: 10 },
  {
    what: "core with React hooks",
    exports: { client: "{ createClient, GrandstandError }", react: "*" },
    kib: 12,
  },
  { what: "all of the core entry", exports: { client: "*" }, kib: 10.9 },
  { what: "server client", exports: { server: "*" }, kib: 3 },
  { what: "server tools", exports: { "server-tools": "*" }, kib: 2.1 },
  { what: "SSE client", exports: { sse: "*" }, kib: 2.3 },
  { what: "webhook verification", exports: { webhook: "*" }, kib: 1 },
];

try {
  await checkSdk();
} catch (error) {
  fail(error);
}

async function checkSdk() {
  const folder = mkdtempSync(join(tmpdir(), "grandstand-pack-"));
  try {
    const tarball = pack(folder);
    await checkManifest();
    await checkTypes(tarball);
    await checkSizes();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Packs the SDK. npm first runs the script `prepack`, which builds the SDK. */
function pack(folder) {
  const { status, stdout, stderr } = spawnSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: sdk,
    encoding: "utf8",
    env: { ...process.env, npm_config_loglevel: "error" },
  });
  if (status !== 0) throw new Failure(`The SDK could not be packed:\n${stdout}${stderr}`);
  const [{ filename }] = packed(stdout);
  return join(folder, filename);
}

/**
 * Reads the packages from the output of `npm pack`. Scripts that npm runs print before the JSON. Some
 * versions of npm print a list, others an object by package name.
 */
function packed(stdout) {
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  return Array.isArray(answer) ? answer : Object.values(answer);
}

async function checkManifest() {
  const { messages, pkg } = await publint({ pkgDir: sdk, strict: true });
  if (messages.length === 0) return;
  const faults = messages.map((message) => `  ${formatMessage(message, pkg, { color: false })}`);
  throw new Failure(`publint found fault with the SDK:\n${faults.join("\n")}`);
}

async function checkTypes(tarball) {
  const attw = toolPath("@arethetypeswrong/cli", "attw");
  const { succeeded, output } = await runNode([attw, tarball, "--profile", "esm-only", "--no-emoji"]);
  if (!succeeded) throw new Failure(`The types of the SDK do not resolve:\n${output.trim()}`);
}

async function checkSizes() {
  const sizes = await Promise.all(
    budgets.map(async (budget) => ({ ...budget, bytes: await compressedSize(budget.exports) })),
  );
  for (const { what, bytes, kib } of sizes) {
    console.log(`${what.padEnd(24)} ${(bytes / 1024).toFixed(1).padStart(5)} KiB of ${kib}`);
  }
  const tooLarge = sizes.filter(({ bytes, kib }) => bytes > kib * 1024).map(({ what }) => what);
  if (tooLarge.length > 0) throw new Failure(`Larger than the budget: ${tooLarge.join(", ")}`);
}

/** The size of the entry and its static imports. Chunks that are loaded on their first use don't count. */
async function compressedSize(exports) {
  const entry = "virtual:entry";
  const code = Object.entries(exports).map(
    ([name, symbols]) => `export ${symbols} from ${JSON.stringify(join(sdk, "dist", `${name}.js`))};`,
  );
  const bundle = await rolldown({
    input: entry,
    // As in the bundle of an app, the entry's chunk contains the entry's static imports. Chunks that are loaded on
    // their first use import these modules from the entry's chunk.
    preserveEntrySignatures: "allow-extension",
    external: /^react(\/|$)/,
    platform: "browser",
    // The warning about "use client" is left out, because the bundler of an app handles this directive.
    onLog: (level, log, print) => log.code === "MODULE_LEVEL_DIRECTIVE" || print(level, log),
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code.join("\n") : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(
    output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]),
  );
  const loaded = new Set();
  const load = (fileName) => {
    if (loaded.has(fileName) || !chunks.has(fileName)) return;
    loaded.add(fileName);
    for (const imported of chunks.get(fileName).imports) load(imported);
  };
  load(output.find(({ isEntry }) => isEntry).fileName);
  return [...loaded].reduce((bytes, fileName) => bytes + gzipSync(chunks.get(fileName).code).length, 0);
}
