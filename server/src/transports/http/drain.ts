import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

const SWEEP_INTERVAL_MS = 50;
/** How long a request in flight may take to finish. Calls to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/**
 * Lets the requests of an HTTP server finish while it closes, and closes every other connection. Node closes idle connections
 * once, at the start. This class also closes those that become idle later, and those without any request, which Node does not
 * count as idle.
 */
export class HttpDrain {
  readonly #server: Server;
  /** Connections without a request so far. */
  readonly #unused = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** Starts to watch connections. Call it after Socket.IO is attached, which hides its requests from earlier listeners. */
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

  /**
   * Closes connections when they become idle, while `close` closes the server. After the deadline it closes all others;
   * `force` closes upgraded ones, which the server no longer knows.
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
