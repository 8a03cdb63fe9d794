import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const SWEEP_INTERVAL_MS = 50;
/**
 * How long a new connection may wait for its first request while the server closes. A proxy sends a request at
 * once. A browser opens some connections in advance and may never send a request on them.
 */
const UNUSED_MS = 1_000;
/** How long a running request may take to finish. Commands to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/**
 * Closes an HTTP server once its running requests have finished. Node.js closes only the connections that are
 * idle when closing begins. This class also closes connections that become idle later, and connections
 * without any request.
 */
export class HttpDrain {
  readonly #server: Server;
  /** Connections that have sent no request yet, and when they were opened. */
  readonly #unused = new Map<Socket, number>();
  #hasBegun = false;

  constructor(app: FastifyInstance) {
    this.#server = app.server;
    // Sets the header for requests that were running when the drain began. `begin` sets it for later requests.
    app.addHook("onSend", (_request, reply, _payload, done) => {
      if (this.#hasBegun) reply.header("connection", "close");
      done();
    });
  }

  /**
   * Starts to fill `#unused`. Call `watch` after Socket.IO is attached: Socket.IO hides its requests from listeners that were
   * added earlier.
   */
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

  /**
   * Ends each connection with its next response. Otherwise a proxy could send a request on a connection that
   * the node is about to close, and the proxy would answer its client with a 502.
   */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#server.prependListener("request", (_request, response: ServerResponse) => {
      response.setHeader("connection", "close");
    });
  }

  /** Refuses new connections, and serves the requests of open ones. */
  async closePort(): Promise<void> {
    // Connections that were not accepted yet are reset when the port closes. So the event loop accepts the
    // waiting connections first: its poll phase does so, and `setImmediate` runs right after that phase.
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.close();
  }

  /**
   * Closes connections as they become idle while `close` closes the server. After a timeout it closes all
   * connections, and calls `force` to close the upgraded ones, which the server no longer tracks.
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
