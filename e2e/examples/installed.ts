import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { runCommand } from "../command.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A cache folder for this checkout only, because another checkout may run its tests at the same time. */
const cache = join(
  tmpdir(),
  `grandstand-examples-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`,
);

/** Packs the SDK as it is published. @returns the path of the tarball */
export async function packSdk(): Promise<string> {
  const sdk = join(root, "sdk");
  const { version } = JSON.parse(await readFile(join(sdk, "package.json"), "utf8"));
  const name = `grandstand-sdk-${version}.tgz`;
  await mkdir(cache, { recursive: true });
  const unlock = await lock(join(cache, "pack.lock"));
  const folder = await mkdtemp(join(cache, "pack-"));
  try {
    await runCommand("npm", ["pack", "--pack-destination", folder], { cwd: sdk });
    // The rename replaces the tarball atomically, because another test file may be installing the former
    // tarball.
    await rename(join(folder, name), join(cache, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await unlock();
  }
  return join(cache, name);
}

const STALE_LOCK_MS = 120_000;

/**
 * Takes a lock, so that only one test file at a time builds the package.
 * @returns a function that releases the lock
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const attempt = async () => {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_LOCK_MS) await rm(path, { recursive: true, force: true });
    return mkdir(path).then(
      () => true,
      () => false,
    );
  };
  await vi.waitUntil(attempt, { timeout: STALE_LOCK_MS + 10_000, interval: 100 });
  return () => rm(path, { recursive: true, force: true });
}

/**
 * Copies an example to a folder outside of the repository, and installs it there. Apart from its own files,
 * the copy can use nothing of this repository but the packed SDK.
 * @returns the folder
 */
export async function installExample(name: string, tarball: string): Promise<string> {
  const source = join(root, "examples", name);
  const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  const folder = await prepare(name, manifest, tarball);
  const isMade = (path: string) => /[\\/](node_modules|dist|\.next|package(-lock)?\.json)$/.test(path);
  await cp(source, folder, { recursive: true, filter: (path) => !isMade(path) });
  return folder;
}

/**
 * Creates a folder outside of the repository with the packed SDK and `dependencies`. Dependencies of an
 * earlier run are reused if they are the same, but the SDK is always installed again.
 * @returns the folder
 */
export async function prepare(
  name: string,
  manifest: { dependencies: Record<string, string> },
  tarball: string,
): Promise<string> {
  const dependencies = { ...manifest.dependencies, "@grandstand/sdk": `file:${tarball}` };
  const text = JSON.stringify({ ...manifest, dependencies });
  const folder = join(cache, `${name}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`);
  await removeOtherVersions(name, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), text);
  // Lock files and the installed SDK are removed, because npm would otherwise keep the SDK of an earlier tarball.
  for (const path of ["package-lock.json", "node_modules/@grandstand", "node_modules/.package-lock.json"]) {
    await rm(join(folder, path), { recursive: true, force: true });
  }
  await runCommand("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder });
  return folder;
}

async function removeOtherVersions(name: string, folder: string): Promise<void> {
  const versions = (await readdir(cache)).filter((entry) => entry.replace(/-[0-9a-f]{12}$/, "") === name);
  const others = versions.map((entry) => join(cache, entry)).filter((path) => path !== folder);
  await Promise.all(others.map((path) => rm(path, { recursive: true, force: true })));
}

/** Installs the packages of the Python example, unless they are installed already. @returns their folder */
export async function installPython(): Promise<string> {
  const requirements = join(root, "examples/python/requirements.txt");
  const hash = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  const folder = join(cache, `python-${hash.slice(0, 12)}`);
  await mkdir(cache, { recursive: true });
  await removeOtherVersions("python", folder);
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder];
  const isThere = (await readdir(cache)).includes(`python-${hash.slice(0, 12)}`);
  if (!isThere) await runCommand("python3", [...args, "-r", requirements], { cwd: root });
  return folder;
}
