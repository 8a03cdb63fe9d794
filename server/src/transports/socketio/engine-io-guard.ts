import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import type { Addresses } from "../http/addresses.js";

/**
 * A client's connection to Engine.IO. The comments of `EngineIoGuard` call it a transport. It opens before its Socket.IO
 * connection, and may close without one.
 */
export interface EngineConnection extends EventEmitter {
  readonly request: IncomingMessage;
  readonly readyState: string;
  /** What carries the packets now: a WebSocket or long-polling. */
  transport: EngineTransport;
  /** Packets that wait while `transport` is busy. */
  writeBuffer: { data?: string | Buffer }[];
  /** Sends a message with this data. */
  write(data: string): void;
  close(discard?: boolean): void;
}

export interface EngineTransport {
  /** False while earlier packets are still being written. */
  readonly writable: boolean;
  /** The WebSocket; undefined for long-polling. */
  socket?: WebSocket;
}

/** How many bytes a queued packet counts as. It takes at least this much memory. */
const PACKET_BYTES = 32;

/** Limits on Engine.IO transports before a Socket.IO connection exists. */
export class EngineIoGuard {
  readonly #pendingConnections: PendingConnections;
  readonly #addresses: Addresses;
  readonly #slowConsumers: SlowConsumers;
  readonly #leavePending = new WeakMap<object, () => void>();
  readonly #hasRequested = new WeakSet<object>();

  constructor(pendingConnections: PendingConnections, addresses: Addresses, slowConsumers: SlowConsumers) {
    this.#pendingConnections = pendingConnections;
    this.#addresses = addresses;
    this.#slowConsumers = slowConsumers;
  }

  /**
   * A transport has opened. It is pending until its request to connect, which has to come within
   * `connectTimeout` (socketio.ts).
   */
  onOpen(engine: EngineConnection): void {
    closeUnread(engine, this.#slowConsumers);
    this.#enterPending(engine);
    engine.once("close", () => this.#leavePending.get(engine)?.());
  }

  /**
   * Allows each transport one request to connect. Socket.IO itself takes any number of requests until one
   * succeeds, and creates a socket for each request. Clients of Socket.IO open a new transport to try again.
   * @returns whether this is the first request. While the request is checked, the transport does not count as
   * pending.
   */
  allowRequest(engine: EngineConnection): boolean {
    if (this.#hasRequested.has(engine)) {
      engine.close(true);
      return false;
    }
    this.#hasRequested.add(engine);
    this.#leavePending.get(engine)?.();
    return true;
  }

  /** The request of a transport was refused. */
  onRefused(engine: EngineConnection): void {
    if (engine.readyState === "open") this.#enterPending(engine);
  }

  #enterPending(engine: EngineConnection): void {
    const address = this.#addresses.of(engine.request);
    this.#leavePending.set(
      engine,
      this.#pendingConnections.enter(address, () => engine.close(true)),
    );
  }
}

/**
 * Closes the Engine.IO connection of a client that sends but does not read. Engine.IO answers pings and unknown
 * namespaces by itself, and these answers would queue without bound.
 */
function closeUnread(engine: EngineConnection, slowConsumers: SlowConsumers): void {
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
