import { join } from "node:path";
import { root } from "./repo.mjs";

const demoKey = "demo-key";

/**
 * The settings with which anyone can try Grandstand at once. With these settings, everybody who reaches the port has
 * full access. So the server should listen on the loopback address only. Production gets none of these settings.
 */
const demoSettings = {
  GRANDSTAND_API_KEYS: `demo:${demoKey}`,
  GRANDSTAND_GUESTS: "on",
  // The demo prints its addresses. A log line for each request would push them off the screen.
  LOG_LEVEL: "warn",
};

/** Adds the demo's settings that `env` lacks, except in production. Returns whether this is the demo. */
export function applyDemoSettings(env) {
  // The data is in the repository, whatever folder the script was started from.
  env.GRANDSTAND_DATA_DIR ||= join(root, ".data");
  const isDemo = env.NODE_ENV !== "production";
  if (isDemo) {
    for (const [name, value] of Object.entries(demoSettings)) env[name] ||= value;
  }
  return isDemo;
}

/**
 * The first API key whose secret the settings contain, and whether this key is the demo's, which everybody knows. `key` is
 * null if the settings contain only digests of secrets.
 */
export function firstKey(env) {
  const secrets = env.GRANDSTAND_API_KEYS.split(",").map((pair) => pair.slice(pair.indexOf(":") + 1).trim());
  const key = secrets.find((secret) => secret !== "" && !secret.startsWith("sha256:")) ?? null;
  return { key, isPublic: key === demoKey };
}

/** Whether only programs of this machine reach a server that listens on `host`. */
export function isLoopback(host = "127.0.0.1") {
  return /^(127\.[\d.]+|localhost|::1)$/.test(host);
}
