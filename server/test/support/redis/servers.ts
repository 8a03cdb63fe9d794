import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis, type RedisOptions } from "ioredis";
import { poll } from "./poll.js";

export interface RedisProcess {
  host: string;
  port: number;
  /** A client for the test's own commands. */
  client: Redis;
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
}

type Login = Pick<RedisOptions, "username" | "password" | "tls">;

/** Real Redis servers on loopback, which a test may kill. */
export class RedisServers {
  readonly #folder: string;
  readonly #program: string;
  readonly #running = new Map<RedisProcess, ChildProcess>();

  private constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#program = program;
  }

  /** @param program `redis-server` or `valkey-server` */
  static async open(
    program = process.env.GRANDSTAND_TEST_REDIS_PROGRAM ?? "redis-server",
  ): Promise<RedisServers> {
    return new RedisServers(await mkdtemp(join(tmpdir(), "grandstand-redis-")), program);
  }

  /**
   * @param settings lines of the configuration, by name
   * @param login how the test's own client logs in; with `tls` the server speaks TLS only
   */
  async start(settings: Record<string, string | number>, login: Login = {}): Promise<RedisProcess> {
    const listening = await freePort();
    const args = Object.entries({
      ...(login.tls ? { port: 0, "tls-port": listening } : { port: listening }),
      bind: "127.0.0.1",
      dir: this.#folder,
      dbfilename: `${listening}.rdb`,
      save: "",
      ...settings,
    }).flatMap(([name, value]) => [`--${name}`, ...(value === "" ? [""] : String(value).split(" "))]);
    return this.#run(args, listening, login);
  }

  /** @param file a configuration, which the Sentinel rewrites */
  startSentinel(file: string, port: number): Promise<RedisProcess> {
    return this.#run([file, "--port", String(port), "--bind", "127.0.0.1", "--sentinel"], port, {});
  }

  async #run(args: string[], port: number, login: Login): Promise<RedisProcess> {
    const child = spawn(this.#program, args, { stdio: "ignore" });
    const client = new Redis({
      host: "127.0.0.1",
      port,
      ...login,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 50,
    });
    client.on("error", () => {});
    const server: RedisProcess = {
      host: "127.0.0.1",
      port,
      client,
      pause: () => void child.kill("SIGSTOP"),
      resume: () => void child.kill("SIGCONT"),
      kill: async () => {
        this.#running.delete(server);
        client.disconnect();
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      },
    };
    this.#running.set(server, child);
    const ended = once(child, "exit").then(() => false);
    if (await Promise.race([poll(() => client.ping()), ended])) return server;
    this.#running.delete(server);
    client.disconnect();
    throw new Error(`${this.#program} ended with code ${child.exitCode}`);
  }

  /** The path of a file that a server may write. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((server) => server.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * A free port below the ephemeral range. The port that is 10,000 higher must be free too, for
 * the bus of a Cluster.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 11_000 + Math.floor(Math.random() * 10_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  const isFree = await isListening;
  if (isFree) await new Promise((resolve) => server.close(resolve));
  return isFree;
}
