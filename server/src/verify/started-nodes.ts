import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseRedisUrl } from "../config/redis-url.js";
import type { OwnNodes } from "./faults.js";

/** The files of the processes that a run can start. */
const programs = {
  grandstand: fileURLToPath(new URL("../main.js", import.meta.url)),
  socketio: fileURLToPath(new URL("./socketio-baseline.js", import.meta.url)),
};

/** What a run verifies: this server, or a chat room on Socket.IO alone. */
export type Target = keyof typeof programs;

interface Started {
  child: ChildProcess;
  url: string;
}

/** Nodes that a run starts for itself, under a prefix of their own. */
export class StartedNodes implements OwnNodes {
  readonly key = randomBytes(24).toString("base64url");
  readonly prefix = `verify-${randomBytes(6).toString("hex")}`;
  readonly #redisUrl: string;
  readonly #program: string;
  readonly #nodes: Started[] = [];
  /** The processes that have not ended, including those that have not started to listen. */
  readonly #running = new Set<ChildProcess>();

  private constructor(redisUrl: string, target: Target) {
    this.#redisUrl = redisUrl;
    this.#program = programs[target];
  }

  /** @throws when a node does not start, with its output in the message */
  static async start(redisUrl: string, count: number, target: Target): Promise<StartedNodes> {
    const nodes = new StartedNodes(redisUrl, target);
    process.once("exit", () => nodes.#killAll());
    try {
      nodes.#nodes.push(...(await Promise.all(Array.from({ length: count }, () => nodes.#start(0)))));
    } catch (error) {
      nodes.#killAll();
      throw error;
    }
    return nodes;
  }

  get urls(): string[] {
    return this.#nodes.map(({ url }) => url);
  }

  get count(): number {
    return this.#nodes.length;
  }

  async kill(at: number): Promise<number> {
    const { child, url } = this.#nodes[at]!;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    this.#nodes[at] = await this.#start(Number(new URL(url).port));
    return child.pid!;
  }

  async freeze(at: number, ms: number): Promise<number> {
    const { child } = this.#nodes[at]!;
    child.kill("SIGSTOP");
    await setTimeout(ms);
    child.kill("SIGCONT");
    return child.pid!;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#nodes.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
      }),
    );
  }

  #killAll(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }

  async #start(port: number): Promise<Started> {
    const child = spawn(process.execPath, [this.#program], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NODE_ENV: "",
        HOST: "127.0.0.1",
        PORT: String(port),
        REDIS_URL: this.#redisUrl,
        // For `verify`, a URL with several servers is a Cluster. A node connects to a Cluster only with REDIS_CLUSTER.
        ...(parseRedisUrl(this.#redisUrl).hosts.length > 1 && { REDIS_CLUSTER: "1" }),
        LOG_LEVEL: "info",
        GRANDSTAND_PREFIX: this.prefix,
        GRANDSTAND_API_KEYS: `verify:${this.key}`,
        GRANDSTAND_LIMITS: "off",
        GRANDSTAND_WORKERS: "",
      },
    });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    const output: string[] = [];
    const listening = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          const url = /"url":"([^"]+)","msg":"listening"/.exec(line)?.[1];
          if (url !== undefined) resolve(url);
          else if (output.length < 50) output.push(line);
        });
      }
    });
    const url = await Promise.race([listening, once(child, "exit").then(() => null)]);
    if (url === null) throw new Error(`A node did not start:\n${output.join("\n")}`);
    return { child, url };
  }
}
