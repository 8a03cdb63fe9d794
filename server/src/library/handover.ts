import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { answerAsRequest } from "../transports/http/upgrades.js";
import { SOCKET_IO_PATH } from "../transports/socketio/socketio.js";
import { WEB_SOCKET_PATH } from "../transports/websocket/websocket.js";

/** How long requests that are running may take when the node stops. Commands to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/** Passes requests from the HTTP server of an app to the node, which listens on no port of its own. */
export class Handover {
  #node: FastifyInstance | null = null;
  readonly #running = new Set<ServerResponse>();
  #onIdle = (): void => {};

  /** Makes a node ready to receive requests from the app's server. @returns an empty URL, because the node has no port */
  readonly open = async (node: FastifyInstance): Promise<string> => {
    // Running calls need the node's connections to Redis, so a node that stops waits for these calls first.
    node.addHook("preClose", () => this.#idle());
    await node.ready();
    this.#node = node;
    return "";
  };

  request(request: IncomingMessage, response: ServerResponse): void {
    this.#running.add(response);
    const end = (): void => {
      if (this.#running.delete(response) && this.#running.size === 0) this.#onIdle();
    };
    // A response of Fastify's `inject` emits only `finish`. A response whose client disconnects emits only `close`.
    response.once("finish", end);
    response.once("close", end);
    this.#node!.server.emit("request", request, response);
  }

  /**
   * Passes the node's upgrade requests to the node before the server's other listeners see them, because those
   * listeners refuse requests for paths that they do not know.
   */
  takeUpgrades(server: Server): void {
    const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
    server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
      const isOurs = event === "upgrade" && this.#node !== null && isOfNode(args[0] as IncomingMessage);
      return isOurs ? this.#node!.server.emit("upgrade", ...args) : emit(event, ...args);
    };
    // Node.js emits `upgrade` only if there is a listener, and then leaves the socket to the listeners. If the app has
    // no listener of its own, the request is answered as a plain request.
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (server.listenerCount("upgrade") === 1) answerAsRequest(server, request, socket, head);
    });
  }

  async #idle(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => {
        for (const response of this.#running) response.destroy();
        resolve();
      }, DEADLINE_MS);
      this.#onIdle = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }
}

function isOfNode({ url = "/" }: IncomingMessage): boolean {
  return url.startsWith(`${SOCKET_IO_PATH}/`) || url.split("?", 1)[0] === WEB_SOCKET_PATH;
}
