import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./repo.mjs";

/**
 * The JavaScript file of a package's command. Running it directly is a second faster than npx, and always uses
 * the installed version.
 *
 * @throws {Failure} if the package is not installed
 */
export function toolPath(packageName, command = packageName) {
  const manifest = join(root, "node_modules", packageName, "package.json");
  if (!existsSync(manifest)) {
    throw new Failure(
      `${packageName} is not installed. It is a development dependency, which \`npm ci\` leaves out when NODE_ENV is production: run \`npm ci --include=dev\``,
    );
  }
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[command]);
}

/**
 * Runs a script with Node.js and captures its output.
 *
 * @returns {Promise<{ succeeded: boolean, output: string }>} `output` is its stdout and stderr
 */
export function runNode(args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...colours(), ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const append = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", append);
    child.stderr.setEncoding("utf8").on("data", append);
    child.on("error", reject);
    child.on("close", (status) => resolve({ succeeded: status === 0, output }));
  });
}

/** Variables that tell the script whether to use colours: it writes to a pipe, so it cannot detect the terminal itself. */
function colours() {
  if (process.env.NO_COLOR || process.env.FORCE_COLOR) return {};
  return process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
}

/** The time since `startedAt`, formatted as `1.4 s`. */
export function secondsSince(startedAt) {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}
