import { closeSync, openSync } from "node:fs";
import type { Server } from "node:http";
import { devNull } from "node:os";
import type { Logger } from "pino";

const CHECK_INTERVAL_MS = 1_000;

/**
 * Logs when the process has no file descriptor left, and when descriptors are available again. Without
 * descriptors, the system refuses new connections, often without an error in Node.
 */
export class DescriptorWatch {
  readonly #log: Logger;
  readonly #open: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isExhausted = false;

  /** @param open opens and closes a file; throws when no descriptor is left */
  constructor(log: Logger, open = openOne) {
    this.#log = log;
    this.#open = open;
  }

  /** Watches until `stop`. Also listens to the server's `error` events: without a listener, they would end the process. */
  start(server: Server): void {
    server.on("error", this.#onServerError);
    this.#timer = setInterval(() => this.check(), CHECK_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  check(): void {
    try {
      this.#open();
      this.#note(false);
    } catch (error) {
      if (isExhaustion(error)) this.#note(true);
    }
  }

  readonly #onServerError = (error: Error): void => {
    if (isExhaustion(error)) this.#note(true);
    else this.#log.error({ err: error }, "the HTTP server failed to accept a connection");
  };

  #note(isExhausted: boolean): void {
    if (isExhausted === this.#isExhausted) return;
    this.#isExhausted = isExhausted;
    if (isExhausted) {
      this.#log.error(
        { reason: "EMFILE" },
        "no file descriptor is left, so new connections are refused; raise the limit (ulimit -n)",
      );
    } else this.#log.info("file descriptors are available again");
  }
}

function openOne(): void {
  closeSync(openSync(devNull, "r"));
}

function isExhaustion(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "EMFILE" || code === "ENFILE";
}
