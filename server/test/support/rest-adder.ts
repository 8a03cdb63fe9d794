import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { TEST_API_KEY } from "./names.js";

/**
 * Adds to a counter, one call after the other. After `unavailable` or `rate_limited` it waits for the time in
 * `Retry-After`, and then repeats the call with the same idempotency key.
 */
export class RestAdder {
  added = 0;
  retries = 0;
  /** The outcomes that are neither a success nor a reason to retry. */
  readonly errors: string[] = [];
  #isOver = false;

  constructor(
    readonly url: string,
    readonly counter: string,
    readonly pauseMs: number,
  ) {}

  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#add();
      await setTimeout(this.pauseMs);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  async #add(): Promise<void> {
    const idempotencyKey = randomUUID();
    for (;;) {
      const response = await fetch(`${this.url}/v1/counters/${this.counter}/add`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${TEST_API_KEY}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: "{}",
      }).catch((error: Error) => {
        this.errors.push(`no response: ${error.cause ?? error.message}`);
        return null;
      });
      if (response === null) return;
      const body = await response.text();
      if (response.ok) {
        this.added += 1;
        return;
      }
      const retryAfter = response.headers.get("retry-after");
      if (retryAfter === null || ![429, 503].includes(response.status)) {
        this.errors.push(`${response.status} ${body.slice(0, 200)}`);
        return;
      }
      this.retries += 1;
      await setTimeout(1_000 * Number(retryAfter));
    }
  }
}
