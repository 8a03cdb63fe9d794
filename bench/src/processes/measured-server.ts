import { fileURLToPath } from "node:url";
import type { RunOptions } from "../benchmark.js";
import type { Children } from "./children.js";
import { freePort } from "./free-port.js";
import type { Probe } from "./probe.js";
import { until } from "./wait.js";
import { Worker } from "./worker.js";

const probePath = new URL("./probe.js", import.meta.url).href;

/** A server under test, in its own process. */
export class MeasuredServer {
  readonly url: string;
  readonly #children: Children;
  readonly #probe: Worker<Probe>;

  private constructor(url: string, children: Children, probe: Worker<Probe>) {
    this.url = url;
    this.#children = children;
    this.#probe = probe;
  }

  /**
   * Starts a program that listens on `PORT` of the loopback address. Resolves once it answers.
   * @param program URL of a JavaScript module
   * @param env its whole environment
   * @param nodeFlags flags of Node.js in addition to those of every measured server
   */
  static async start(
    { children }: RunOptions,
    program: URL,
    env: Record<string, string>,
    nodeFlags: readonly string[] = [],
  ): Promise<MeasuredServer> {
    const port = await freePort();
    const path = fileURLToPath(program);
    // For CPU profiles, such as BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/profiles".
    const flags = (process.env.BENCH_NODE_FLAGS ?? "").split(" ").filter(Boolean);
    const args = ["--expose-gc", "--import", probePath, ...nodeFlags, ...flags, path];
    const child = children.start(process.execPath, args, {
      env: {
        PATH: process.env.PATH ?? "",
        PORT: `${port}`,
        HOST: "127.0.0.1",
        NODE_ENV: "production",
        ...env,
      },
      // Stdout of the child goes to stderr, because stdout of the benchmark is for the table.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const server = new MeasuredServer(`http://127.0.0.1:${port}`, children, new Worker<Probe>(child, path));
    const answers = async () => (await fetch(`${server.url}/health/ready`)).status < 500;
    // A busy machine starts several workers slowly.
    await until(`${path} listens`, answers, { timeoutMs: 60_000 });
    return server;
  }

  cpuMs(): Promise<number> {
    return this.#probe.call("cpuMs", undefined);
  }

  memory(): ReturnType<Probe["memory"]> {
    return this.#probe.call("memory", undefined);
  }

  stop(): Promise<void> {
    return this.#children.stop(this.#probe.child);
  }
}
