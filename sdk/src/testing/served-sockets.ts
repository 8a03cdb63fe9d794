import { EventEmitter } from "node:events";
import type { Ack } from "@grandstand/shared/frames";
import type { Socket } from "socket.io";
import type { WebSocket } from "ws";

type OnRequest = (operation: string, input: Record<string, unknown>, ack: (ack: Ack) => void) => void;

/** The server's side of a connection to a `TestNode`, over Socket.IO or plain WebSocket. */
export interface ServedSocket {
  readonly id: string;
  readonly transport: "websocket" | "socketio" | "polling";
  /** The groups that the connection has joined. `TestNode.io.to` sends to one group. */
  readonly groups: Set<string>;
  join(group: string): void;
  leave(group: string): void;
  /**
   * Sends `welcome`, `push`, `expiring` or `closing`. A plain WebSocket sends the notice `closing` as its
   * close frame.
   */
  emit(event: string, data: unknown): void;
  once(event: "disconnect", listener: () => void): void;
  onRequest(listener: OnRequest): void;
  /** Closes the connection cleanly, as a server does. */
  disconnect(): void;
  /** Breaks the connection without a close notice, as a failing network does. */
  break(): void;
}

abstract class Grouped {
  readonly groups = new Set<string>();

  join(group: string): void {
    this.groups.add(group);
  }

  leave(group: string): void {
    this.groups.delete(group);
  }
}

export class SocketIoSocket extends Grouped implements ServedSocket {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  get id(): string {
    return this.#socket.id;
  }

  get transport(): "socketio" | "polling" {
    return this.#socket.conn.transport.name === "polling" ? "polling" : "socketio";
  }

  emit(event: string, data: unknown): void {
    this.#socket.emit(event, data);
  }

  once(event: "disconnect", listener: () => void): void {
    this.#socket.once(event, listener);
  }

  onRequest(listener: OnRequest): void {
    this.#socket.onAny(listener);
  }

  disconnect(): void {
    this.#socket.disconnect(true);
  }

  break(): void {
    this.#socket.conn.close();
  }
}

let lastNumber = 0;

export class WebSocketSocket extends Grouped implements ServedSocket {
  readonly id: string;
  readonly transport = "websocket";
  readonly #socket: WebSocket;
  readonly #events = new EventEmitter();
  #onRequest: OnRequest = () => {};

  constructor(socket: WebSocket) {
    super();
    lastNumber += 1;
    this.id = `ws-${lastNumber}`;
    this.#socket = socket;
    socket.on("close", () => this.#events.emit("disconnect"));
    socket.on("error", () => {});
  }

  /** Calls `listener` for the frame `connect`. Every other frame is a request. */
  onConnect(listener: (socket: this, input: { token?: string }, reply: (ack: Ack) => void) => void): void {
    this.#socket.on("message", (frame) => {
      const { id, op, data } = JSON.parse(frame.toString());
      const reply = (ack: Ack) => this.#send({ id, ...ack });
      if (op === "connect") listener(this, data, reply);
      else this.#onRequest(op, data, reply);
    });
  }

  emit(event: string, data: unknown): void {
    if (event === "closing") {
      const { code, reason } = data as { code: number; reason: string };
      this.#socket.close(code, reason);
    } else this.#send({ [event]: data });
  }

  once(event: "disconnect", listener: () => void): void {
    this.#events.once(event, listener);
  }

  onRequest(listener: OnRequest): void {
    this.#onRequest = listener;
  }

  disconnect(): void {
    this.#socket.close();
  }

  break(): void {
    this.#socket.terminate();
  }

  #send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
