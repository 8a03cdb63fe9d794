import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Ack } from "@grandstand/shared/frames";
import type { HistoryEvent } from "./history.js";

export interface Acknowledged {
  message: Pick<ChatMessage, "id" | "offset" | "text">;
  /** When the message was sent for the first time. */
  sentAt: number;
  at: number;
}

/** A client that calls operations. */
export interface WriterClient {
  call(operation: string, input?: unknown): Promise<Ack>;
  close(): Promise<void>;
}

interface Options {
  name: string;
  room: string;
  /** Opens a client of any node. */
  open: () => Promise<WriterClient>;
  pauseMs: () => number;
  /** Called with each attempt and with its outcome. */
  record?: (event: HistoryEvent) => void;
}

/** A call without a reply within this time is sent again, with the same idempotency key. */
const REPLY_TIMEOUT_MS = 3_000;

/**
 * Sends messages one after the other. It repeats a message that gets no reply or fails with `unavailable`. A message that
 * fails with another code is a fault.
 */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  readonly faults: string[] = [];
  retries = 0;
  readonly #options: Options;
  #client: WriterClient | null = null;
  #isOver = false;

  constructor(options: Options) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  async run(): Promise<void> {
    for (let number = 1; !this.#isOver; number += 1) {
      await this.#send(`${this.name}-${number}`);
      await setTimeout(this.#options.pauseMs());
    }
    await this.#leave();
  }

  stop(): void {
    this.#isOver = true;
  }

  async #send(text: string): Promise<void> {
    const idempotencyKey = randomUUID();
    const { room, record } = this.#options;
    const base = { writer: this.name, text };
    const sentAt = performance.now();
    for (;;) {
      record?.({ kind: "send", at: performance.now(), ...base });
      const ack = await this.#try({ room, text, idempotencyKey });
      const at = performance.now();
      if (ack?.ok) {
        const { id, offset } = (ack.data as { message: ChatMessage }).message;
        record?.({ kind: "ack", at, ...base, id, offset });
        this.acknowledged.push({ message: { id, offset, text }, sentAt, at });
        return;
      }
      const code = ack?.error.code ?? null;
      record?.({ kind: "failed", at, ...base, code });
      if (code !== null && code !== "unavailable") {
        this.faults.push(`${this.name}: ${text} failed with ${code}`);
        return;
      }
      this.retries += 1;
      await this.#leave();
      await setTimeout(100);
    }
  }

  /** @returns null if the attempt failed without a reply, or no reply came in time */
  async #try(input: object): Promise<Ack | null> {
    const attempt = async () => {
      this.#client ??= await this.#options.open();
      return this.#client.call("chat.send", input);
    };
    const reply = attempt().catch(() => null);
    return Promise.race([reply, setTimeout(REPLY_TIMEOUT_MS, null)]);
  }

  async #leave(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // A frozen node does not complete the close, so the writer waits 500 ms at most.
    await Promise.race([client?.close().catch(() => {}), setTimeout(500)]);
  }
}
