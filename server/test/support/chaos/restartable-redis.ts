import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "../eventually.js";

/** A Redis of one test, with an append-only file. The test may kill and restart it. */
export class RestartableRedis {
  readonly folder: string;
  readonly socketPath: string;
  readonly #settings: Record<string, string | number>;
  #server: ChildProcess | undefined;
  #client: Redis | undefined;

  private constructor(folder: string, settings: Record<string, string | number>) {
    this.folder = folder;
    this.#settings = settings;
    this.socketPath = join(folder, "redis.sock");
  }

  /** @param settings additional settings of Redis, by name */
  static async start(settings: Record<string, string | number> = {}): Promise<RestartableRedis> {
    const redis = new RestartableRedis(await mkdtemp(join(tmpdir(), "grandstand-chaos-")), settings);
    await redis.#run();
    return redis;
  }

  get url(): string {
    return `unix://${this.socketPath}`;
  }

  /** A client for the test's own commands. */
  get client(): Redis {
    if (!this.#client) throw new Error("redis is not running");
    return this.#client;
  }

  pause(): void {
    this.#server?.kill("SIGSTOP");
  }

  resume(): void {
    this.#server?.kill("SIGCONT");
  }

  /** Limits the size of each file that Redis writes, to simulate a full disk. Null removes the limit. */
  limitFiles(bytes: number | null): void {
    execFileSync("prlimit", [
      "--pid",
      String(this.#server!.pid),
      `--fsize=${bytes ?? "unlimited"}:unlimited`,
    ]);
  }

  async restart(): Promise<void> {
    await this.#end();
    await this.#run();
  }

  /** Restarts Redis without its data, as after the loss of its disk. */
  async restartEmpty(): Promise<void> {
    await this.#end();
    await rm(join(this.folder, "appendonlydir"), { recursive: true, force: true });
    await this.#run();
  }

  async stop(): Promise<void> {
    await this.#end();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const settings = {
      port: 0,
      unixsocket: this.socketPath,
      dir: this.folder,
      appendonly: "yes",
      save: "",
      ...this.#settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    // At a write above the limit of `limitFiles`, Redis receives the signal XFSZ, which would end it. The shell makes
    // Redis ignore the signal, so the write only fails.
    const command = 'trap "" XFSZ; exec redis-server "$@"';
    this.#server = spawn("sh", ["-c", command, "redis-server", ...args], { stdio: "ignore" });
    this.#client = new Redis(this.socketPath, { maxRetriesPerRequest: 0, retryStrategy: () => 50 });
    this.#client.on("error", () => {});
    await eventually(() => this.client.ping());
  }

  async #end(): Promise<void> {
    this.#client?.disconnect();
    const server = this.#server!;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }
}
