import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import type { Addresses } from "../http/addresses.js";

/** An Engine.IO transport, which exists before a Socket.IO connection and without one. */
export interface EngineConnection extends EventEmitter {
  readonly request: IncomingMessage;
  readonly readyState: string;
  transport: EngineTransport;
  /** The packets queued while the transport is busy. */
  writeBuffer: { data?: string | Buffer }[];
  close(discard?: boolean): void;
}

export interface EngineTransport {
  /** The WebSocket, for that transport. */
  socket?: EventEmitter & { bufferedAmount: number; pause(): void; resume(): void; terminate(): void };
}

/** The least memory of a queued packet. */
const PACKET_BYTES = 32;

/** Limits on unauthenticated Engine.IO transports. */
export class EngineIoGuard {
  readonly #pendingConnections: PendingConnections;
  readonly #addresses: Addresses;
  readonly #slowConsumers: SlowConsumers;
  readonly #leavePending = new WeakMap<object, () => void>();
  readonly #requested = new WeakSet<object>();

  constructor(pendingConnections: PendingConnections, addresses: Addresses, slowConsumers: SlowConsumers) {
    this.#pendingConnections = pendingConnections;
    this.#addresses = addresses;
    this.#slowConsumers = slowConsumers;
  }

  /** Called when a transport opens. It must authenticate within `connectTimeout`. */
  opened(engine: EngineConnection): void {
    closeIfUnread(engine, this.#slowConsumers);
    this.#wait(engine);
    engine.once("close", () => this.#leavePending.get(engine)?.());
  }

  /**
   * Called when a transport requests a connection. Allows one request per transport: Socket.IO would create a socket for each
   * of any number of requests. Its clients open another transport to try again.
   * @returns whether this is the first request; the transport does not count as pending while it is checked
   */
  requested(engine: EngineConnection): boolean {
    if (this.#requested.has(engine)) {
      engine.close(true);
      return false;
    }
    this.#requested.add(engine);
    this.#leavePending.get(engine)?.();
    return true;
  }

  /** Called when the request was refused. */
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

/** Closes a client that sends and never reads. Pings and unknown namespaces are answered without a call, so no limit applies. */
function closeIfUnread(engine: EngineConnection, slowConsumers: SlowConsumers): void {
  const check = () => {
    const { transport, writeBuffer } = engine;
    const queuedBytes = (transport.socket?.bufferedAmount ?? 0) + PACKET_BYTES * writeBuffer.length;
    if (slowConsumers.exceedsLimit(queuedBytes)) engine.close(true);
  };
  const watchPings = ({ socket }: EngineTransport) => socket?.on("ping", check);
  engine.on("packet", check);
  engine.on("upgrade", watchPings);
  watchPings(engine.transport);
}
