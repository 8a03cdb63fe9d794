import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LogSecrets } from "./log-secrets.js";
import { TEST_API_KEY } from "./names.js";
import { redisAccess } from "./redis/access.js";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** A node in a process of its own, run from the built output. */
export interface NodeProcess {
  url: string;
  port: number;
  pid: number;
  /** The lines that the node has printed so far. */
  readonly output: readonly string[];
  /** Null while the node runs, or when a signal ended it. */
  readonly exitCode: number | null;
  /** Sends a signal, SIGKILL by default, and waits for the exit. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops the node cleanly. Further calls have no effect. */
  stop(): Promise<void>;
}

export interface NodeProcessOptions {
  redisUrl?: string;
  prefix: string;
  port?: number;
  /** Additional settings. */
  env?: Record<string, string>;
}

/**
 * Starts a node with a test API key and guests allowed, and waits until it listens. `kill` and `stop` check
 * its output for secrets.
 * @throws when the node exits before it listens, with its output in the message
 */
export async function startNode({
  redisUrl,
  prefix,
  port = 0,
  env,
}: NodeProcessOptions): Promise<NodeProcess> {
  const settings = {
    HOST: "127.0.0.1",
    PORT: String(port),
    ...(redisUrl !== undefined && redisSettings(redisUrl)),
    GRANDSTAND_PREFIX: prefix,
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
    GRANDSTAND_GUESTS: "on",
    // Off because all tests call from one address. A test that passes "" in `env` gets the default limits.
    GRANDSTAND_LIMITS: "off",
    ...env,
  };
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...settings },
  });
  const exited = once(child, "exit");
  const output: string[] = [];
  const url = await Promise.race([listening(child, output), exited.then(() => null)]);
  if (url === null) throw new Error(`The node exited before it listened:\n${output.join("\n")}`);
  const kill = async (signal: NodeJS.Signals = "SIGKILL") => {
    child.kill(signal);
    await exited;
    const secrets = new LogSecrets(settings);
    for (const line of output) secrets.check(line);
    secrets.assertNone();
  };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    output,
    get exitCode() {
      return child.exitCode;
    },
    kill,
    stop: () => kill("SIGTERM"),
  };
}

function redisSettings(redisUrl: string): Record<string, string> {
  const { url, sentinel } = redisAccess(redisUrl);
  return { REDIS_URL: url, ...(sentinel && { REDIS_SENTINEL_MASTER: sentinel.master }) };
}

function listening(child: ChildProcess, output: string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on("line", (line) => {
        output.push(line);
        const url = /"url":"([^"]+)","msg":"listening"/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
}
