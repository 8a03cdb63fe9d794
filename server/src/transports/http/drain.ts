import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const SWEEP_INTERVAL_MS = 50;
/** A proxy sends its request right after it has connected. A connection that is silent for longer was opened ahead. */
const UNUSED_MS = 1_000;
/** How long a running request may take to finish. Commands to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/**
 * Closes an HTTP server after its running requests. Node closes idle connections only once, when closing begins; this
 * also closes connections that become idle later, and those that browsers opened ahead of a first request.
 */
export class HttpDrain {
  readonly #server: Server;
  /** Connections that have sent no request yet, and when they were opened. */
  readonly #unused = new Map<Socket, number>();
  #hasBegun = false;

  constructor(app: FastifyInstance) {
    this.#server = app.server;
    // Also the responses to requests that were running when the drain began.
    app.addHook("onSend", (_request, reply, _payload, done) => {
      if (this.#hasBegun) reply.header("connection", "close");
      done();
    });
  }

  /** Call it after Socket.IO is attached, which hides its own requests from earlier listeners. */
  watch(): void {
    const server = this.#server;
    const unused = this.#unused;
    function onClose(this: Socket): void {
      unused.delete(this);
    }
    const onUse = ({ socket }: IncomingMessage): void => {
      unused.delete(socket);
    };
    server.on("connection", (socket: Socket) => {
      unused.set(socket, performance.now());
      socket.on("close", onClose);
    });
    server.on("request", onUse);
    server.on("upgrade", onUse);
  }

  /** Ends each connection with its next response. A proxy would otherwise send a request on one that is closing: a 502. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#server.prependListener("request", (_request, response: ServerResponse) => {
      response.setHeader("connection", "close");
    });
  }

  /** Refuses new connections, and serves the requests of open ones. */
  async closePort(): Promise<void> {
    // Directly after the poll phase, which accepts all connections that wait: the others are reset.
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.close();
  }

  /**
   * Closes connections as they become idle while `close` closes the server. After a timeout it closes all, and calls
   * `force` for upgraded connections, which the server does not know any more.
   */
  async whileClosing(close: () => Promise<unknown>, force: () => void): Promise<void> {
    const closing = close();
    const sweep = setInterval(() => {
      const openedBefore = performance.now() - UNUSED_MS;
      for (const [socket, openedAt] of this.#unused) if (openedAt <= openedBefore) socket.destroy();
      this.#server.closeIdleConnections();
    }, SWEEP_INTERVAL_MS);
    const deadline = setTimeout(() => {
      this.#server.closeAllConnections();
      force();
    }, DEADLINE_MS);
    try {
      await closing;
    } finally {
      clearInterval(sweep);
      clearTimeout(deadline);
    }
  }
}
