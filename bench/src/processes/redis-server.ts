import type { ChildProcess } from "node:child_process";
import { Redis } from "ioredis";
import type { RunOptions } from "../benchmark.js";
import type { Children } from "./children.js";
import { freePort } from "./free-port.js";
import { until } from "./wait.js";

/** The commands that run a script. */
export const SCRIPT_COMMANDS = ["evalsha", "evalsha_ro", "eval", "eval_ro"];

/** A private Redis for one benchmark, without persistence. */
export class RedisServer {
  readonly url: string;
  /** The connection of the benchmark; measured programs open their own. */
  readonly redis: Redis;

  readonly #children: Children;
  readonly #child: ChildProcess | null;

  private constructor(url: string, children: Children, child: ChildProcess | null) {
    this.url = url;
    this.#children = children;
    this.#child = child;
    this.redis = new Redis(url, { lazyConnect: true });
  }

  /** Starts redis-server, or uses the Redis in `BENCH_REDIS_URL`, in which it deletes all data. */
  static async start({ children, scratchDir }: RunOptions): Promise<RedisServer> {
    const given = process.env.BENCH_REDIS_URL;
    const port = await freePort();
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const child = given ? null : children.start("redis-server", [...settings, "--dir", scratchDir]);
    const server = new RedisServer(given ?? `redis://127.0.0.1:${port}`, children, child);
    // Connection attempts fail until Redis listens; each failure also emits an event.
    server.redis.on("error", () => {});
    await until("redis-server answers", async () => (await server.redis.ping()) === "PONG");
    await server.redis.flushall();
    return server;
  }

  /** User and system CPU time of Redis since its start. */
  async cpuMs(): Promise<number> {
    const info = await this.redis.info("cpu");
    const seconds = ["used_cpu_user", "used_cpu_sys"].map((field) =>
      Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1]),
    );
    return seconds.reduce((sum, value) => sum + value) * 1_000;
  }

  /**
   * The calls of each command since the start, by clients and by scripts, and their total time. The time of a
   * script includes that of its commands.
   */
  async commands(): Promise<Map<string, { calls: number; micros: number }>> {
    const info = await this.redis.info("commandstats");
    const found = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
    return new Map(
      [...found].map(([, command, calls, micros]) => [
        command!,
        { calls: Number(calls), micros: Number(micros) },
      ]),
    );
  }

  /** The calls of some commands since the start. */
  async callsOf(names: readonly string[]): Promise<number> {
    const commands = await this.commands();
    return names.reduce((sum, name) => sum + (commands.get(name)?.calls ?? 0), 0);
  }

  /** The memory that Redis has allocated, without fragmentation. */
  async usedBytes(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await this.redis.info("memory"))?.[1]);
  }

  async stop(): Promise<void> {
    if (this.#child === null) await this.redis.flushall();
    this.redis.disconnect();
    if (this.#child !== null) await this.#children.stop(this.#child);
  }
}
