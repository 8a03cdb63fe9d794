import { EventEmitter } from "node:events";
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import websocketPlugin from "@fastify/websocket";
import type { CloseReason } from "@grandstand/shared/close-codes";
import { limits } from "@grandstand/shared/limits";
import type { FastifyInstance } from "fastify";
import type { Authenticator } from "../auth/authenticator.js";
import type { Caller } from "../calls/caller.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Hub } from "../live/hub.js";
import { tokenOf } from "./credentials.js";
import { EncodedWire } from "./encoded-wire.js";
import type { LiveTransport } from "./transport.js";
import { encodePush, WebSocketSession } from "./websocket-session.js";
import type { NodeIdentity } from "./welcome.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who opened the WebSocket, when the upgrade already carried a token. */
    upgradeCaller: Caller | null;
  }
}

/** A connection that does not answer a ping within this time is gone. */
const PING_INTERVAL_MS = 25_000;
/** How long a client may take to answer the closing handshake. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Plain WebSocket at `/v1/ws`. */
export async function webSocket(
  app: FastifyInstance,
  options: {
    socketIoPath: string;
    authenticator: Authenticator;
    dispatcher: Dispatcher;
    hub: Hub;
    node: NodeIdentity;
  },
): Promise<LiveTransport> {
  const { authenticator, dispatcher, hub, node } = options;
  const sessions = new Set<WebSocketSession>();
  const wire = new EncodedWire(encodePush);

  await app.register(websocketPlugin, {
    options: { server: upgradesBeside(app.server, options.socketIoPath), maxPayload: limits.batchBodyBytes },
    // ws closes a socket that failed by itself; the plugin would also log each of them as an error.
    errorHandler: (error, _socket, request) => request.log.debug({ err: error }, "a websocket failed"),
    // Our own close comes first and says why.
    preClose: (done) => done(),
  });
  app.decorateRequest("upgradeCaller", null);
  app.get(
    "/v1/ws",
    {
      websocket: true,
      preValidation: async (request) => {
        const token = tokenOf(request.headers);
        if (token !== null) request.upgradeCaller = await authenticator.identify(token);
      },
    },
    (socket, request) => {
      const session = new WebSocketSession(socket, request.upgradeCaller, {
        wire,
        authenticator,
        dispatcher,
        node,
      });
      sessions.add(session);
      socket.on("close", () => {
        sessions.delete(session);
        session.end();
        hub.drop(session);
      });
    },
  );

  const pings = setInterval(() => {
    for (const session of sessions) session.ping();
  }, PING_INTERVAL_MS);

  return {
    get connectionCount() {
      return sessions.size;
    },
    async close(reason: CloseReason) {
      clearInterval(pings);
      await Promise.all([...sessions].map((session) => session.closed(reason, CLOSE_TIMEOUT_MS)));
    },
  };
}

/**
 * Where @fastify/websocket listens: a source of the HTTP server's upgrades without Socket.IO's. Listening to
 * the server itself, it would answer those with 404.
 */
function upgradesBeside(http: HttpServer, socketIoPath: string): HttpServer {
  const upgrades = new EventEmitter();
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!request.url?.startsWith(`${socketIoPath}/`)) upgrades.emit("upgrade", request, socket, head);
  });
  // The plugin only listens to `upgrade`, which its types can't say.
  return upgrades as HttpServer;
}
