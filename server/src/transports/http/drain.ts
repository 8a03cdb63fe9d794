import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

const SWEEP_INTERVAL_MS = 50;
/** How long a request that is under way may take to finish. Calls to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/**
 * Lets an HTTP server's requests finish while it closes, and keeps nothing else open. Node closes what is idle
 * once, when closing begins; left are connections that become idle later, and those that browsers open ahead
 * of a request that may never come, which Node does not count as idle at all.
 */
export class HttpDrain {
  readonly #server: Server;
  /** Connections without any request so far. */
  readonly #unused = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** Begins to watch; after Socket.IO is attached, which hides its own requests from earlier listeners. */
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
   * Closes connections as they fall idle while `close` closes the server, and the last ones by force: `force` is
   * for those that the server does not know any more, as they were upgraded.
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
