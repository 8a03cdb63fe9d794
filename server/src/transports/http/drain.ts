import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const SWEEP_INTERVAL_MS = 50;
/** How long a running request may take to finish. Commands to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/**
 * Closes an HTTP server after its running requests. Node closes idle connections only once, when closing begins; this
 * also closes connections that become idle later, and those that browsers opened ahead of a first request.
 */
export class HttpDrain {
  readonly #server: Server;
  /** Connections that have sent no request yet. */
  readonly #unused = new Set<Socket>();
  #hasBegun = false;

  constructor(server: Server) {
    this.#server = server;
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
      unused.add(socket);
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
  closePort(): void {
    this.#server.close();
  }

  /**
   * Closes connections as they become idle while `close` closes the server. After a timeout it closes all, and calls
   * `force` for upgraded connections, which the server does not know any more.
   */
  async whileClosing(close: () => Promise<unknown>, force: () => void): Promise<void> {
    const closing = close();
    const sweep = setInterval(() => {
      for (const socket of this.#unused) socket.destroy();
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
