import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

/** A child that has not ended by itself in this time is killed. */
const PATIENCE_MS = 5_000;

/** Every process that a benchmark starts, so that none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    // Whatever ends this process, even an error that nobody foresaw, ends the others.
    process.on("exit", () => {
      for (const child of this.#running) child.kill("SIGKILL");
    });
  }

  /** Starts a program. What it writes to stderr is shown. */
  start(program: string, args: string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    child.once("error", () => this.#running.delete(child));
    return child;
  }

  async stop(child: ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const tooLate = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await gone;
    clearTimeout(tooLate);
  }

  /** Ends them latest first: those came to depend on the earlier ones. */
  async stopAll(): Promise<void> {
    for (const child of [...this.#running].reverse()) await this.stop(child);
  }
}
