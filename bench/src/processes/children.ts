import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

/** A child that does not exit within this time after SIGTERM is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** Tracks all processes that a benchmark starts, so that none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    // Children are ended even after an uncaught error.
    process.on("exit", () => {
      for (const child of this.#running) child.kill("SIGKILL");
    });
  }

  /** Starts a program. Its stderr is shown. */
  start(program: string, args: string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    child.once("error", () => this.#running.delete(child));
    return child;
  }

  async stop(child: ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timeout = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timeout);
  }

  /** Stops the last started process first, because later ones depend on earlier ones. */
  async stopAll(): Promise<void> {
    for (const child of [...this.#running].reverse()) await this.stop(child);
  }
}
