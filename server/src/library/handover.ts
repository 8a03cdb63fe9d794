import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { answerAsRequest } from "../transports/http/upgrades.js";
import { SOCKET_IO_PATH } from "../transports/socketio/socketio.js";
import { WEB_SOCKET_PATH } from "../transports/websocket/websocket.js";

/** How long requests that are running may take when the node stops. Commands to Redis time out earlier. */
const DEADLINE_MS = 5_000;

/** Hands a node's requests over to it from the HTTP server of an app. The node listens on no port. */
export class Handover {
  #node: FastifyInstance | null = null;
  readonly #running = new Set<ServerResponse>();
  #onIdle = (): void => {};

  /** Makes a node reachable through this. @returns no URL: the node has none of its own */
  readonly open = async (node: FastifyInstance): Promise<string> => {
    // Running calls end before the node closes its connections to Redis.
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
    // The response of Fastify's `inject` finishes and does not close; a client that is lost closes only.
    response.once("finish", end);
    response.once("close", end);
    this.#node!.server.emit("request", request, response);
  }

  /** Takes the node's upgrades from a server before its other listeners see them: those refuse what they don't know. */
  takeUpgrades(server: Server): void {
    const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
    server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
      const isOurs = event === "upgrade" && this.#node !== null && isOfNode(args[0] as IncomingMessage);
      return isOurs ? this.#node!.server.emit("upgrade", ...args) : emit(event, ...args);
    };
    // Node asks for upgrades only with a listener, and leaves those open that none handles.
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
