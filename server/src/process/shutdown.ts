import type { Logger } from "pino";

/** A part of the process. Parts are stopped in the reverse order of their start. */
export interface Stoppable {
  /** Called before the drain delay. The part still serves, but reports that it is not ready. */
  drain?(): void;
  stop(): Promise<void>;
}

/** How long the parts may take to stop, after the drain delay. If they take longer, the process exits with status 1. */
const EXIT_TIMEOUT_MS = 10_000;

/**
 * Ends the process once. During the drain delay the parts still serve, so that load balancers can notice that the node is
 * not ready. After the delay the parts are stopped. A second request to end skips the rest of the delay.
 */
export class Shutdown {
  readonly #log: Logger;
  readonly #drainDelayMs: number;
  readonly #parts: Stoppable[] = [];
  #ending: Promise<void> | null = null;
  #skipDelay = (): void => {};

  constructor(log: Logger, drainDelayMs: number) {
    this.#log = log;
    this.#drainDelayMs = drainDelayMs;
  }

  get hasBegun(): boolean {
    return this.#ending !== null;
  }

  /** Adds a part that was started. It is stopped before those that were added earlier. */
  add(part: Stoppable): void {
    this.#parts.unshift(part);
  }

  /** Ends the process on SIGTERM and SIGINT, also while it is starting. */
  onSignals(): void {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void this.end(signal, 0));
  }

  /**
   * Stops all parts and exits. A later call cannot lower the exit status.
   * @returns a promise that never resolves: the process exits first
   */
  async end(reason: string, exitCode: number): Promise<never> {
    this.#log.info({ reason }, "stopping");
    process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
    this.#skipDelay();
    this.#ending ??= this.#stopAll(exitCode === 0 ? this.#drainDelayMs : 0);
    await this.#ending;
    process.exit();
  }

  /** Stops the parts that were started, without ending the process. */
  async stopParts(): Promise<void> {
    for (const part of this.#parts.splice(0)) {
      await part.stop().catch((error: unknown) => this.#log.error({ err: error }, "stopping a part failed"));
    }
  }

  /** @param delayMs 0 after a failure: the state is unknown, and clients must leave at once */
  async #stopAll(delayMs: number): Promise<void> {
    const draining = this.#parts.filter((part) => part.drain !== undefined);
    for (const part of draining) part.drain?.();
    if (delayMs > 0 && draining.length > 0) {
      await new Promise<void>((resolve) => {
        this.#skipDelay = resolve;
        setTimeout(resolve, delayMs);
      });
    }
    setTimeout(() => {
      this.#log.error("stopping took too long");
      process.exit(1);
    }, EXIT_TIMEOUT_MS).unref();
    await this.stopParts();
  }
}
