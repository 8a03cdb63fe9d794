import type { ChildProcess } from "node:child_process";
import { Redis } from "ioredis";
import type { RunOptions } from "../benchmark.js";
import type { CommandTimes, Profiles } from "../profile/profiles.js";
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
  readonly #profiles: Profiles | null;
  #endProfile: (() => Promise<void>) | null = null;

  private constructor(
    url: string,
    children: Children,
    child: ChildProcess | null,
    profiles: Profiles | null,
  ) {
    this.#profiles = profiles;
    this.url = url;
    this.#children = children;
    this.#child = child;
    this.redis = new Redis(url, { lazyConnect: true });
  }

  /**
   * Starts the program in `BENCH_REDIS_PROGRAM`, by default redis-server. If `BENCH_REDIS_URL` is given, uses the Redis at
   * that URL instead, and deletes all its data. Normally each program that a benchmark measures has a Redis of its own. With
   * `BENCH_REDIS_URL` they all share one, so don't compare their results.
   */
  static async start({ children, profiles, scratchDir }: RunOptions): Promise<RedisServer> {
    const given = process.env.BENCH_REDIS_URL;
    const port = await freePort();
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const program = process.env.BENCH_REDIS_PROGRAM ?? "redis-server";
    const child = given ? null : children.start(program, [...settings, "--dir", scratchDir]);
    const server = new RedisServer(given ?? `redis://127.0.0.1:${port}`, children, child, profiles);
    // Connection attempts fail until Redis listens; each failure also emits an event.
    server.redis.on("error", () => {});
    await until("Redis answers", async () => (await server.redis.ping()) === "PONG");
    await server.redis.flushall();
    return server;
  }

  /** User and system CPU time of Redis since its start. The first call begins the profile of its commands. */
  async cpuMs(): Promise<number> {
    if (this.#profiles !== null && this.#endProfile === null) {
      const profiles = this.#profiles;
      await this.redis.config("RESETSTAT");
      this.#endProfile = profiles.onEnd(async () => profiles.addCommands(await this.#commandTimes()));
    }
    const info = await this.redis.info("cpu");
    const seconds = ["used_cpu_user", "used_cpu_sys"].map((field) =>
      Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1]),
    );
    return seconds.reduce((sum, value) => sum + value) * 1_000;
  }

  /**
   * For each command, the number of its calls (those by clients and by scripts together) and its total time. Redis counts
   * from its start, or from the reset in `cpuMs`. The time of a script includes the time of its commands.
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

  /**
   * The times of commands, and of the Lua code around them. All commands count as run by scripts, because nearly all are.
   * The result is empty if no script ran. For example, the server baselines/ws-redis.ts, with which Grandstand is compared, has
   * its own Redis and runs no scripts.
   */
  async #commandTimes(): Promise<CommandTimes> {
    const commands = await this.commands();
    // The benchmark itself sends these commands.
    for (const name of ["info", "config|resetstat"]) commands.delete(name);
    const scripts = SCRIPT_COMMANDS.reduce((sum, name) => sum + (commands.get(name)?.micros ?? 0), 0);
    if (scripts === 0) return {};
    const times: CommandTimes = {};
    let within = 0;
    for (const [name, { micros }] of commands) {
      if (SCRIPT_COMMANDS.includes(name)) continue;
      times[name] = micros;
      within += micros;
    }
    times["Lua of scripts"] = Math.max(0, scripts - within);
    return times;
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
    await this.#endProfile?.();
    if (this.#child === null) await this.redis.flushall();
    this.redis.disconnect();
    if (this.#child !== null) await this.#children.stop(this.#child);
  }
}
