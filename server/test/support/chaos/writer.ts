import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Ack } from "@grandstand/shared/frames";
import type { Client, Driver } from "../drivers/driver.js";
import { TEST_API_KEY } from "../names.js";

export interface Acknowledged {
  message: ChatMessage;
  at: number;
}

/** A call without a reply within this time is repeated with its idempotency key. */
const PATIENCE_MS = 3_000;

/** Sends messages one after the other, and repeats each until it is acknowledged. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  readonly faults: string[] = [];
  retries = 0;
  #client: Client | null = null;
  #isOver = false;

  constructor(
    readonly name: string,
    readonly driver: Driver,
    readonly room: string,
    readonly chooseUrl: () => string,
    readonly pauseMs: () => number,
  ) {}

  async run(): Promise<void> {
    for (let number = 1; !this.#isOver; number += 1) {
      await this.#send(`${this.name}-${number}`);
      await setTimeout(this.pauseMs());
    }
    await this.#leave();
  }

  stop(): void {
    this.#isOver = true;
  }

  async #send(text: string): Promise<void> {
    const idempotencyKey = randomUUID();
    for (;;) {
      const ack = await this.#try({ room: this.room, text, idempotencyKey });
      if (ack?.ok) {
        this.acknowledged.push({
          message: (ack.data as { message: ChatMessage }).message,
          at: performance.now(),
        });
        return;
      }
      if (ack && ack.error.code !== "unavailable") {
        this.faults.push(`${this.name}: ${text} was answered with ${ack.error.code}`);
        return;
      }
      this.retries += 1;
      await this.#leave();
      await setTimeout(100);
    }
  }

  /** Null without a reply. */
  async #try(input: object): Promise<Ack | null> {
    const attempt = async () => {
      this.#client ??= await this.driver.open(this.chooseUrl(), TEST_API_KEY);
      return this.#client.call("chat.send", input);
    };
    const answer = attempt().catch(() => null);
    return Promise.race([answer, setTimeout(PATIENCE_MS, null)]);
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // A node that hangs sends no close notice.
    await Promise.race([client?.close().catch(() => {}), setTimeout(500)]);
  }
}
