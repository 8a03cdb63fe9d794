import { once } from "node:events";
import type { WebSocket } from "ws";

/** Takes what was answered to the call of a number. */
export type OnAnswer = (id: number, answer: unknown) => void;

/** A connection whose calls are answered by their numbers. What closes it is followed by another one. */
export class AnsweredSocket {
  readonly #open: (onAnswer: OnAnswer) => Promise<WebSocket>;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #current: Promise<WebSocket> | null = null;
  #lastId = 0;

  constructor(open: (onAnswer: OnAnswer) => Promise<WebSocket>) {
    this.#open = open;
  }

  /** The connection, a new one behind one that was closed. */
  now(): Promise<WebSocket> {
    this.#current ??= this.#begin();
    return this.#current;
  }

  /** @returns the answer to a call; null when the connection was closed instead. */
  async ask(textOf: (id: number) => string): Promise<unknown> {
    const socket = await this.now();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise((resolve) => this.#waiting.set(id, resolve));
    socket.send(textOf(id));
    return answer;
  }

  async close(): Promise<void> {
    const socket = await this.#current;
    if (socket === null) return;
    socket.close();
    await once(socket, "close");
  }

  async #begin(): Promise<WebSocket> {
    const socket = await this.#open((id, answer) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    socket.on("close", () => {
      this.#current = null;
      for (const answered of this.#waiting.values()) answered(null);
      this.#waiting.clear();
    });
    return socket;
  }
}
