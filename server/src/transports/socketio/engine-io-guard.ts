import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import type { Addresses } from "../http/addresses.js";

/** What Socket.IO runs on: it is there before a connection is, and whether or not there will be one. */
export interface EngineConnection extends EventEmitter {
  readonly request: IncomingMessage;
  readonly readyState: string;
  transport: EngineTransport;
  /** What waits while the transport is busy. */
  writeBuffer: { data?: string | Buffer }[];
  close(discard?: boolean): void;
}

export interface EngineTransport {
  /** The WebSocket, when it is one. */
  socket?: EventEmitter & { bufferedAmount: number; pause(): void; resume(): void; terminate(): void };
}

/** What a packet takes in a queue at least. */
const PACKET_BYTES = 32;

/** What anyone can make Socket.IO keep without a connection that stands for them. */
export class EngineIoGuard {
  readonly #pendingConnections: PendingConnections;
  readonly #addresses: Addresses;
  readonly #slowConsumers: SlowConsumers;
  readonly #leavePending = new WeakMap<object, () => void>();
  readonly #asked = new WeakSet<object>();

  constructor(pendingConnections: PendingConnections, addresses: Addresses, slowConsumers: SlowConsumers) {
    this.#pendingConnections = pendingConnections;
    this.#addresses = addresses;
    this.#slowConsumers = slowConsumers;
  }

  /** A transport has opened. Within `connectTimeout` it is to say who stands for it. */
  begin(engine: EngineConnection): void {
    endUnread(engine, this.#slowConsumers);
    this.#wait(engine);
    engine.once("close", () => this.#leavePending.get(engine)?.());
  }

  /**
   * One transport is for one connection. Socket.IO would take any number of requests to connect until one is through,
   * and make a socket of each; its clients open another transport to try again.
   * @returns whether this is its first request. It is no stranger while that is looked at.
   */
  asks(engine: EngineConnection): boolean {
    if (this.#asked.has(engine)) {
      engine.close(true);
      return false;
    }
    this.#asked.add(engine);
    this.#leavePending.get(engine)?.();
    return true;
  }

  /** Its request was refused. */
  refused(engine: EngineConnection): void {
    if (engine.readyState === "open") this.#wait(engine);
  }

  #wait(engine: EngineConnection): void {
    const address = this.#addresses.of(engine.request);
    this.#leavePending.set(
      engine,
      this.#pendingConnections.enter(address, () => engine.close(true)),
    );
  }
}

/**
 * Ends a client that sends and never reads. Much is answered without a call: a ping of the WebSocket, a namespace
 * that is not there.
 */
function endUnread(engine: EngineConnection, slowConsumers: SlowConsumers): void {
  const check = () => {
    const { transport, writeBuffer } = engine;
    const queuedBytes = (transport.socket?.bufferedAmount ?? 0) + PACKET_BYTES * writeBuffer.length;
    if (slowConsumers.isTooMuch(queuedBytes)) engine.close(true);
  };
  const watchPings = ({ socket }: EngineTransport) => socket?.on("ping", check);
  engine.on("packet", check);
  engine.on("upgrade", watchPings);
  watchPings(engine.transport);
}
