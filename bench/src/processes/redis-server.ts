import type { ChildProcess } from "node:child_process";
import { Redis } from "ioredis";
import type { RunOptions } from "../benchmark.js";
import type { Children } from "./children.js";
import { freePort } from "./free-port.js";
import { until } from "./wait.js";

/** A Redis for one benchmark alone, which keeps nothing on disk. */
export class RedisServer {
  readonly url: string;
  /** For questions about it; the measured programs have connections of their own. */
  readonly redis: Redis;

  readonly #children: Children;
  readonly #child: ChildProcess | null;

  private constructor(url: string, children: Children, child: ChildProcess | null) {
    this.url = url;
    this.#children = children;
    this.#child = child;
    this.redis = new Redis(url, { lazyConnect: true });
  }

  /** Where there is no redis-server to start, `BENCH_REDIS_URL` names a Redis that may be emptied. */
  static async start({ children, scratchDir }: RunOptions): Promise<RedisServer> {
    const given = process.env.BENCH_REDIS_URL;
    const port = await freePort();
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const child = given ? null : children.start("redis-server", [...settings, "--dir", scratchDir]);
    const server = new RedisServer(given ?? `redis://127.0.0.1:${port}`, children, child);
    // Until it listens each attempt fails, and says so in an event too.
    server.redis.on("error", () => {});
    await until("redis-server answers", async () => (await server.redis.ping()) === "PONG");
    await server.redis.flushall();
    return server;
  }

  /** User and system time of the server since its start. */
  async cpuMs(): Promise<number> {
    const info = await this.redis.info("cpu");
    const seconds = ["used_cpu_user", "used_cpu_sys"].map((field) =>
      Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1]),
    );
    return seconds.reduce((sum, value) => sum + value) * 1_000;
  }

  /**
   * How often each command was called since the start, by clients and by scripts, and how long all its calls took. The
   * time of a script holds that of its commands.
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

  /** What it has allocated, without what fragments it. */
  async usedBytes(): Promise<number> {
    return Number(/used_memory:(\d+)/.exec(await this.redis.info("memory"))?.[1]);
  }

  async stop(): Promise<void> {
    if (this.#child === null) await this.redis.flushall();
    this.redis.disconnect();
    if (this.#child !== null) await this.#children.stop(this.#child);
  }
}
