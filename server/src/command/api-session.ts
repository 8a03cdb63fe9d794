import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { Push } from "@grandstand/shared/channels";
import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { contract } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import { type RawData, WebSocket } from "ws";

/** The number of attempts while no node answers or Redis is unavailable: enough to outlast a restart. */
const ATTEMPTS = 60;
/** The number of attempts before the first connection. It is small, because the URL may be wrong. */
const FIRST_ATTEMPTS = 3;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** Close codes from 4500 to 4999 mean that the client must not reconnect. */
const PERMANENT_CLOSE = 4_500;

export interface ApiAddress {
  /** The URL of a node or of its load balancer. */
  url: string;
  /** The secret of an API key. */
  key: string;
}

interface Connection {
  socket: WebSocket;
  replies: Map<number, (ack: Ack) => void>;
  /** The node has accepted the key. */
  isOpen: boolean;
}

/**
 * Sends the calls of a command to a running node, over one WebSocket. A call is retried if it gets no reply, or the error
 * `unavailable` or `rate_limited`. A retried write keeps its idempotency key.
 */
export class ApiSession {
  readonly #address: ApiAddress;
  readonly #onPush: (push: Push) => void;
  readonly #onLost: () => void;
  #connecting: Promise<Connection> | null = null;
  #lastId = 0;
  #wasConnected = false;
  #isClosed = false;

  /** @param listener.onLost called when the connection was lost, and its subscriptions with it */
  constructor(
    address: ApiAddress,
    { onPush = () => {}, onLost = () => {} }: { onPush?: (push: Push) => void; onLost?: () => void } = {},
  ) {
    this.#address = address;
    this.#onPush = onPush;
    this.#onLost = onLost;
  }

  /** @throws {GrandstandError} when the node refuses the call, or no node could be reached for some seconds */
  async call<N extends OperationName>(
    operation: N,
    input: InputOf<N>,
    idempotencyKey = randomUUID() as string,
  ): Promise<OutputOf<N>> {
    const { isWrite }: Operation = contract[operation];
    const data = isWrite ? { ...input, idempotencyKey } : input;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#ask(operation, data)) as OutputOf<N>;
      } catch (error) {
        if (!(error instanceof GrandstandError) || !isTemporary(error)) throw error;
        // A rate limit always ends, so the call is retried without a bound. An outage may last, so attempts are limited.
        const isLast = attempt >= (this.#wasConnected ? ATTEMPTS : FIRST_ATTEMPTS);
        if (this.#isClosed || (isLast && error.code !== "rate_limited")) throw error;
        await setTimeout(error.retryAfterMs ?? RETRY_MS);
      }
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    void this.#connecting?.then(({ socket }) => socket.terminate()).catch(() => {});
  }

  async #ask(operation: string, data: unknown): Promise<unknown> {
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    const connection = await this.#connecting;
    return this.#send(connection, operation, data);
  }

  async #send({ socket, replies }: Connection, op: string, data: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const ack = await new Promise<Ack>((resolve) => {
      if (socket.readyState !== WebSocket.OPEN) return resolve(lost);
      replies.set(id, resolve);
      socket.send(JSON.stringify({ id, op, data }));
    });
    replies.delete(id);
    if (!ack.ok) throw GrandstandError.fromWire(ack.error);
    return ack.data;
  }

  async #connect(): Promise<Connection> {
    const { url, key } = this.#address;
    const socket = new WebSocket(`${url.replace(/^http/, "ws").replace(/\/$/, "")}/v1/ws`, {
      headers: { authorization: `Bearer ${key}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    });
    const connection: Connection = { socket, replies: new Map(), isOpen: false };
    socket.on("message", (text) => this.#receive(connection, text));
    socket.on("close", (code) => this.#onClose(connection, code));
    try {
      await once(socket, "open");
    } catch (error) {
      throw unreachable(url, error as Error);
    }
    socket.on("error", () => socket.terminate());
    await this.#send(connection, "connect", {});
    this.#wasConnected = true;
    connection.isOpen = true;
    return connection;
  }

  #receive({ replies }: Connection, text: RawData): void {
    const { id, push, ...ack } = JSON.parse(String(text)) as { id?: number; push?: Push } & Ack;
    if (push) this.#onPush(push);
    else if (id !== undefined) replies.get(id)?.(ack as Ack);
  }

  #onClose({ replies, isOpen }: Connection, code: number): void {
    if (isOpen) this.#connecting = null;
    const ending = code >= PERMANENT_CLOSE && code < 5_000 ? closedFor(code) : lost;
    for (const reply of replies.values()) reply(ending);
    if (isOpen && !this.#isClosed) this.#onLost();
  }
}

const lost: Ack = { ok: false, error: { code: "unavailable", message: "The connection was lost" } };

function closedFor(code: number): Ack {
  return { ok: false, error: { code: "forbidden", message: `The node closed the connection with ${code}` } };
}

function isTemporary({ code }: GrandstandError): boolean {
  return code === "unavailable" || code === "rate_limited";
}

function unreachable(url: string, error: Error): GrandstandError {
  const refusal = /Unexpected server response: (\d+)/.exec(error.message)?.[1];
  if (refusal === "401")
    return new GrandstandError("unauthenticated", "The node does not accept the API key");
  if (refusal !== undefined && refusal !== "503" && refusal !== "429") {
    return new GrandstandError("bad_request", `${url} is no node: it answered ${refusal}`);
  }
  const reason = error.message || (error as NodeJS.ErrnoException).code;
  return new GrandstandError("unavailable", `No node can be reached at ${url}: ${reason}`);
}
