import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./repo.mjs";

/**
 * The JavaScript file behind a package's command. Running it with this very node spares the second that npx
 * takes, and can't pick up another version from elsewhere.
 */
export function toolPath(packageName, command = packageName) {
  const manifest = join(root, "node_modules", packageName, "package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(dirname(manifest), typeof bin === "string" ? bin : bin[command]);
}

/**
 * Runs node quietly.
 *
 * @returns {Promise<{ succeeded: boolean, output: string }>} `output` is what it printed, on either stream
 */
export function runNode(args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...colours(), ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const gather = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", gather);
    child.stderr.setEncoding("utf8").on("data", gather);
    child.on("error", reject);
    child.on("close", (status) => resolve({ succeeded: status === 0, output }));
  });
}

/** A tool that writes into a pipe can't tell whether what it says ends up on a terminal: it is told. */
function colours() {
  if (process.env.NO_COLOR || process.env.FORCE_COLOR) return {};
  return process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
}
