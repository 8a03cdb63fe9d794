import { once } from "node:events";
import type { WebSocket } from "ws";

/** Receives the reply to the call with this id. */
export type OnReply = (id: number, reply: unknown) => void;

/** Matches calls on a socket with their replies by id. Opens a new socket if the last was closed. */
export class CallSocket {
  readonly #open: (onReply: OnReply) => Promise<WebSocket>;
  readonly #pending = new Map<number, (reply: unknown) => void>();
  #current: Promise<WebSocket> | null = null;
  #lastId = 0;

  constructor(open: (onReply: OnReply) => Promise<WebSocket>) {
    this.#open = open;
  }

  /** The open socket; a new one if the last was closed. */
  connected(): Promise<WebSocket> {
    this.#current ??= this.#connect().catch((error) => {
      this.#current = null;
      throw error;
    });
    return this.#current;
  }

  /** @returns the reply to a call; null when the connection was closed instead. */
  async call(textOf: (id: number) => string): Promise<unknown> {
    const socket = await this.connected();
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise((resolve) => this.#pending.set(id, resolve));
    socket.send(textOf(id));
    return reply;
  }

  async close(): Promise<void> {
    const socket = await this.#current;
    if (socket === null) return;
    socket.close();
    await once(socket, "close");
  }

  async #connect(): Promise<WebSocket> {
    const socket = await this.#open((id, reply) => {
      this.#pending.get(id)?.(reply);
      this.#pending.delete(id);
    });
    socket.on("close", () => {
      this.#current = null;
      for (const resolve of this.#pending.values()) resolve(null);
      this.#pending.clear();
    });
    return socket;
  }
}
