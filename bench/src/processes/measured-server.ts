import { fileURLToPath } from "node:url";
import type { RunOptions } from "../benchmark.js";
import type { Profiles } from "../profile/profiles.js";
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
  readonly #profiles: Profiles | null;
  readonly #title: string | null;
  #endProfile: (() => Promise<void>) | null = null;

  private constructor(
    url: string,
    children: Children,
    probe: Worker<Probe>,
    profiles: Profiles | null,
    title: string | null,
  ) {
    this.#profiles = profiles;
    this.#title = title;
    this.url = url;
    this.#children = children;
    this.#probe = probe;
  }

  /**
   * Starts a program that listens on `PORT` of the loopback address. Resolves once it answers.
   * @param program URL of a JavaScript module
   * @param env variables for the program, besides PATH, PORT, HOST and NODE_ENV; no other variable is inherited
   * @param nodeFlags flags of Node.js in addition to those of every measured server
   * @param title the title of the server's CPU profile; null for no profile
   */
  static async start(
    { children, profiles }: RunOptions,
    program: URL,
    env: Record<string, string>,
    nodeFlags: readonly string[] = [],
    title: string | null = null,
  ): Promise<MeasuredServer> {
    const port = await freePort();
    const path = fileURLToPath(program);
    // Flags for another profiler, for example BENCH_NODE_FLAGS="--heap-prof --heap-prof-dir=/tmp/profiles".
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
    const server = new MeasuredServer(
      `http://127.0.0.1:${port}`,
      children,
      new Worker<Probe>(child, path),
      profiles,
      title,
    );
    const answers = async () => (await fetch(`${server.url}/health/ready`)).status < 500;
    // On a busy machine, starting several workers takes long.
    await until(`${path} listens`, answers, { timeoutMs: 60_000 });
    return server;
  }

  /**
   * User and system CPU time since the start. The first call, which a benchmark makes before its first measurement,
   * begins the CPU profile.
   */
  async cpuMs(): Promise<number> {
    const [profiles, title] = [this.#profiles, this.#title];
    if (profiles !== null && title !== null && this.#endProfile === null) {
      await this.#probe.call("startProfile", undefined);
      this.#endProfile = profiles.onEnd(async () => {
        profiles.add(title, await this.#probe.call("endProfile", undefined));
      });
    }
    return this.#probe.call("cpuMs", undefined);
  }

  memory(): ReturnType<Probe["memory"]> {
    return this.#probe.call("memory", undefined);
  }

  async stop(): Promise<void> {
    await this.#endProfile?.();
    await this.#children.stop(this.#probe.child);
  }
}
