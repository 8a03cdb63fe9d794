import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { startDockerRedis } from "./docker-redis.mjs";
import { ensureProgram, rootPrefix } from "./package-manager.mjs";
import { findProgram, isExecutable } from "./program.mjs";
import { root } from "./repo.mjs";

/**
 * Makes sure that there is a Redis to work with: a redis-server or valkey-server on PATH, which Grandstand
 * runs as its own private child, installed if need be; else a throwaway one in a running Docker.
 *
 * @param {string} [setting] the environment variable that spares all this when it holds the URL of a Redis
 * @returns {Promise<string | undefined>} the URL to use, or undefined when the program is there
 */
export async function ensureRedis(setting = "REDIS_URL") {
  if (process.env[setting]) return process.env[setting];

  const redis = ensureProgram({
    names: ["redis-server", "valkey-server"],
    reason: `Grandstand keeps everything in Redis, and runs its own unless ${setting} is set`,
    packages: { "apt-get": ["redis-server"], apk: ["redis"], dnf: ["redis"], brew: ["redis"] },
  });
  if (redis.path) return undefined;

  const url = await startDockerRedis();
  if (url) return url;
  throw new Error(
    `Grandstand needs Redis 6 or newer, or Valkey: ${redis.problem}.\n` +
      `${redis.advice ? `Install it with\n\n  ${redis.advice}\n\nor` : "Install redis-server, or"} ` +
      `set ${setting} to one that runs, such as redis://127.0.0.1:6379.`,
  );
}

/**
 * Makes sure that there is a Chromium for the browser tests.
 *
 * @returns {Promise<string>} the path of its executable
 */
export async function ensureChromium() {
  const present =
    findProgram(...chromiumNames) ?? macChromiums.find(isExecutable) ?? (await playwrightChromium());
  if (present) return present;

  const chromium = ensureProgram({
    names: chromiumNames,
    reason: "the browser tests drive a real one",
    // Without a font a page renders without text, and chromium only recommends one. Ubuntu has no such
    // package, and macOS is better served by Playwright's own, which comes next.
    packages: {
      "apt-get": ["chromium", "fonts-liberation"],
      apk: ["chromium", "font-liberation"],
      dnf: ["chromium"],
    },
  });
  if (chromium.path) return chromium.path;

  const withDeps = rootPrefix() ? ["--with-deps"] : [];
  console.log("Installing Playwright's Chromium: the browser tests drive a real one.");
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

const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const macChromiums = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Playwright's own Chromium, where it has been downloaded before. */
async function playwrightChromium() {
  // Playwright belongs to the e2e workspace, and npm may put it there or at the root.
  const resolved = createRequire(new URL("../../e2e/package.json", import.meta.url)).resolve("playwright");
  const { default: playwright } = await import(pathToFileURL(resolved).href);
  const path = playwright.chromium.executablePath();
  return isExecutable(path) ? path : undefined;
}
