import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { startDockerRedis } from "./docker-redis.mjs";
import { ensureProgram, rootPrefix } from "./package-manager.mjs";
import { findProgram, isExecutable } from "./program.mjs";
import { root } from "./repo.mjs";

/**
 * Ensures that a Redis is available: a redis-server or valkey-server on PATH (installed if necessary), which
 * Grandstand runs as a child process, or else a temporary Redis in Docker.
 *
 * @param {string} [setting] the environment variable that may contain the URL of a Redis to use instead
 * @returns {Promise<{url?: string, program?: string, isTemporary: boolean}>} the URL of a running Redis, or the path of
 * the program to run; `isTemporary` is true for the Redis in Docker, which loses its data when it stops
 */
export async function ensureRedis(setting = "REDIS_URL") {
  if (process.env[setting]) return { url: process.env[setting], isTemporary: false };

  const redis = ensureProgram({
    names: ["redis-server", "valkey-server"],
    reason: `Grandstand keeps everything in Redis, and runs its own unless ${setting} is set`,
    packages: { "apt-get": ["redis-server"], apk: ["redis"], dnf: ["redis"], brew: ["redis"] },
  });
  if (redis.path) return { program: redis.path, isTemporary: false };

  const url = await startDockerRedis();
  if (url) return { url, isTemporary: true };
  throw new Error(
    `Grandstand needs Redis 6 or newer, or Valkey: ${redis.problem}.\n` +
      `${redis.advice ? `Install it with\n\n  ${redis.advice}\n\nor` : "Install redis-server, or"} ` +
      `set ${setting} to the URL of a running one, such as redis://127.0.0.1:6379.`,
  );
}

/**
 * Ensures that a Chromium is available for the browser tests.
 *
 * @returns {Promise<string>} the path of its executable
 */
export async function ensureChromium() {
  const found =
    findProgram(...chromiumNames) ?? macChromiums.find(isExecutable) ?? (await playwrightChromium());
  if (found) return found;

  const chromium = ensureProgram({
    names: chromiumNames,
    reason: "the browser tests use a real browser",
    // Chromium renders no text without a font, and its package does not require one. Ubuntu and macOS get Playwright's
    // Chromium below: Ubuntu has no chromium package, and brew's package is not used.
    packages: {
      "apt-get": ["chromium", "fonts-liberation"],
      apk: ["chromium", "font-liberation"],
      dnf: ["chromium"],
    },
  });
  if (chromium.path) return chromium.path;

  const withDeps = rootPrefix() ? ["--with-deps"] : [];
  console.log("Installing Playwright's Chromium: the browser tests use a real browser.");
  const { status } = spawnSync("npx", ["playwright", "install", ...withDeps, "chromium"], {
    cwd: root,
    stdio: "inherit",
  });
  const installed = status === 0 ? await playwrightChromium() : undefined;
  if (installed) return installed;
  throw new Error(
    `The browser tests need Chromium or Chrome: ${chromium.problem}.\n` +
      `Install it with\n\n  ${chromium.advice ?? "npx playwright install --with-deps chromium"}\n`,
  );
}

/** Installs the load balancers that tests run with the files of deploy/. The tests of a missing balancer are skipped. */
export function ensureBalancers() {
  for (const name of ["nginx", "haproxy"]) {
    const balancer = ensureProgram({
      names: [name],
      reason: "tests run it in front of real nodes",
      packages: { "apt-get": [name], apk: [name], dnf: [name], brew: [name] },
    });
    if (balancer.path) continue;
    const advice = balancer.advice ? ` Install it with: ${balancer.advice}` : "";
    console.warn(`The tests of deploy/ with ${name} are skipped: ${balancer.problem}.${advice}`);
  }
}

const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const macChromiums = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of Playwright's own Chromium; undefined if it is not downloaded. */
async function playwrightChromium() {
  // Playwright is a dependency of e2e. npm may install it there or at the root.
  const resolved = createRequire(new URL("../../e2e/package.json", import.meta.url)).resolve("playwright");
  const { default: playwright } = await import(pathToFileURL(resolved).href);
  const path = playwright.chromium.executablePath();
  return isExecutable(path) ? path : undefined;
}
