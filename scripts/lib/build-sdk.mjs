import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprintOf, readStamp, writeStamp } from "./build-stamp.mjs";
import { secondsSince } from "./node.mjs";
import { root } from "./repo.mjs";

const sdk = join(root, "sdk");
const dist = join(sdk, "dist");

/** The entries of the package, as its `exports` name them. */
const entries = {
  client: "client.ts",
  react: "react.tsx",
  server: "server.ts",
  "server-tools": "server-tools.ts",
  sse: "sse.ts",
  webhook: "webhook.ts",
};
const sources = { folders: ["sdk/src", "shared/src", "scripts/lib"], files: ["package-lock.json"] };
const external = /^(react|react\/jsx-runtime|socket\.io-client)$/;

/** Bundles the SDK with the parts of the contract that it needs at run time, unless the last build used the same files. */
export async function buildSdk() {
  const stamp = join(sdk, ".types/.bundled-js");
  const fingerprint = fingerprintOf(sources);
  if (readStamp(stamp) === fingerprint && existsSync(join(dist, "client.js"))) return;

  const startedAt = Date.now();
  const { rolldown } = await import("rolldown");
  removeFrom(dist, /\.js(\.map)?$/);
  const bundle = await rolldown({
    input: inputs("src", (file) => file),
    external,
    platform: "neutral",
    resolve: {
      conditionNames: ["@grandstand/source", "import"],
      extensionAlias: { ".js": [".ts", ".tsx", ".js"] },
    },
    tsconfig: false,
    transform: { jsx: { runtime: "automatic" }, target: "es2022" },
    // Drops the bundler's warnings about the directive "use client". The entries keep this directive, because it
    // tells frameworks with server components that hooks run in browsers.
    onLog: (level, log, print) => log.code === "MODULE_LEVEL_DIRECTIVE" || print(level, log),
  });
  await bundle.write({
    dir: dist,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: chunkOf, debugName: "core" }] },
  });
  await bundle.close();
  writeStamp(stamp, fingerprint);
  console.log(`Built the SDK (${secondsSince(startedAt)})`);
}

/**
 * Assigns a module to a chunk. A module that the entry `client` imports statically is in `common` if the entry `server` or
 * `sse` also imports it, else in `core`. The chunk `live` has the modules that all live views share. Many small chunks would
 * compress worse and cost a request each.
 */
function chunkOf(module, context) {
  const isNeededBy = (entry) => closureOf(join(sdk, "src", entry), context).has(module);
  if (isNeededBy(entries.client)) {
    return isNeededBy(entries.server) || isNeededBy(entries.sse) ? "common" : "core";
  }
  return liveBase.test(module) ? "live" : null;
}

const liveBase =
  /live.channel.(channel-subscription|channel-view|live-channels|viewers|watched-channel|retry)\.ts$/;

/** A module and all its static imports, also indirect ones. */
function closureOf(module, context) {
  const closure = new Set();
  const visit = (id) => {
    if (closure.has(id)) return;
    closure.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) visit(imported);
  };
  visit(module);
  return closure;
}

/**
 * Bundles the SDK's declarations, which the compiler wrote, with the contract's types. The contract's types are
 * written out in plain TypeScript, so that apps do not need zod.
 */
export async function buildSdkTypes() {
  const stamp = join(sdk, ".types/.bundled-types");
  const fingerprint = fingerprintOf(sources);
  if (readStamp(stamp) === fingerprint && existsSync(join(dist, "client.d.ts"))) return;

  const [{ rollup }, { dts }, { contractTypes }] = await Promise.all([
    import("rollup"),
    import("rollup-plugin-dts"),
    import("./contract-types.mjs"),
  ]);
  const contract = join(sdk, ".types/contract-types.d.ts");
  writeFileSync(contract, contractTypes());
  removeFrom(dist, /\.d\.ts$/);
  const bundle = await rollup({
    input: inputs(".types", (file) => file.replace(/tsx?$/, "d.ts")),
    external,
    plugins: [
      { name: "contract-types", resolveId: (id) => (id.startsWith("@grandstand/shared/") ? contract : null) },
      dts(),
    ],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ dir: dist, entryFileNames: "[name].d.ts", chunkFileNames: "shared-[hash].d.ts" });
  await bundle.close();
  writeStamp(stamp, fingerprint);
}

function inputs(folder, rename) {
  const paths = Object.entries(entries).map(([name, file]) => [name, join(sdk, folder, rename(file))]);
  return Object.fromEntries(paths);
}

function removeFrom(folder, pattern) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => pattern.test(file))) rmSync(join(folder, name));
}
