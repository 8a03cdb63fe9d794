import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import websocketPlugin from "@fastify/websocket";
import { limits } from "@grandstand/shared/limits";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import type { Caller } from "../../core/caller.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { HookRefusal } from "../../hooks/gate.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Connections } from "../../live/connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import { EncodedBroadcaster } from "../broadcaster.js";
import type { Credentials } from "../http/credentials.js";
import type { Origins } from "../http/origins.js";
import { webSocketUpgrades } from "../http/upgrades.js";
import type { LiveTransport, NodeIdentity } from "../live-transport.js";
import { CLOSE_NOTICE_TIMEOUT_MS } from "../live-transport.js";
import { encodePush, type WebSocketServices, WebSocketSession } from "./session.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Set once a WebSocket's upgrade is admitted. */
    upgrade: { caller: Caller | null; response: ServerResponse } | null;
  }
}

export const WEB_SOCKET_PATH = "/v1/ws";

/** A connection that does not answer a ping within this time is terminated. */
const PING_INTERVAL_MS = 25_000;

/** The WebSocket close code "Try Again Later". */
const TRY_AGAIN_LATER = 1013;

/** Plain WebSocket at `/v1/ws`. */
export async function webSocket(
  app: FastifyInstance,
  options: {
    socketIoPath: string;
    origins: Origins;
    credentials: Credentials;
    admission: Admission;
    pendingConnections: PendingConnections;
    dispatcher: Dispatcher;
    connections: Connections;
    slowConsumers: SlowConsumers;
    node: NodeIdentity;
  },
): Promise<LiveTransport> {
  const {
    origins,
    credentials,
    admission,
    pendingConnections,
    dispatcher,
    connections,
    slowConsumers,
    node,
  } = options;
  const broadcaster = new EncodedBroadcaster(encodePush, (connection) => slowConsumers.note(connection));
  const services: WebSocketServices = {
    broadcaster,
    admission,
    pendingConnections,
    dispatcher,
    connections,
    node,
  };

  await app.register(websocketPlugin, {
    options: {
      server: webSocketUpgrades(app.server, WEB_SOCKET_PATH, options.socketIoPath),
      maxPayload: limits.batchBodyBytes,
      // A frame of a few bytes could expand to megabytes.
      perMessageDeflate: false,
      // The types of ws lack this option.
      ...({ closeTimeout: CLOSE_NOTICE_TIMEOUT_MS } as object),
      clientTracking: false,
    },
    // By default the plugin closes all connections here. The node has closed them before, with its own close
    // codes.
    preClose: (done) => done(),
  });
  app.decorateRequest("upgrade", null);
  app.get(
    WEB_SOCKET_PATH,
    {
      websocket: true,
      config: { transport: "websocket" },
      preValidation: async (request, reply) => {
        const { address, headers } = request;
        origins.check(headers);
        await admission.open(address);
        const caller = await callerOfUpgrade(headers, address, credentials, admission);
        request.upgrade = { caller, response: reply.raw };
      },
    },
    (socket, request) => {
      const { caller } = request.upgrade!;
      const { address } = request;
      releaseRequest(socket, request);
      if (caller !== null && !connections.hasRoomFor(caller)) socket.close(TRY_AGAIN_LATER);
      else connections.add(new WebSocketSession(socket, caller, address, services));
    },
  );

  const pings = setInterval(() => {
    for (const connection of connections) if (connection instanceof WebSocketSession) connection.ping();
  }, PING_INTERVAL_MS);

  return {
    async stop() {
      clearInterval(pings);
      for (const connection of connections) {
        if (connection instanceof WebSocketSession) connection.terminate();
      }
    },
  };
}

/**
 * The caller of an upgrade. Null when the upgrade has no credential, or when its cookie was not accepted: in both cases
 * the first frame has to present a token.
 * @throws {GrandstandError} when a token in the headers is invalid, or a hook refused.
 */
async function callerOfUpgrade(
  headers: IncomingHttpHeaders,
  address: string,
  credentials: Credentials,
  admission: Admission,
): Promise<Caller | null> {
  const presented = credentials.ofUpgrade(headers);
  if (presented === null) return null;
  try {
    return await admission.identify(presented, address);
  } catch (error) {
    if (presented.source === "header" || error instanceof HookRefusal) throw error;
    return null;
  }
}

/** Frees the memory of the HTTP exchange, which is larger than that of the connection. */
function releaseRequest(socket: WebSocket, { raw, upgrade }: FastifyRequest): void {
  upgrade?.response.detachSocket(raw.socket);
  // The plugin's error listener keeps request and reply in memory, and is not needed: ws closes a failed
  // socket itself. Another listener is added first, because V8 turns an emptied listener table into a slower
  // and larger dictionary.
  const listeners = socket.listeners("error") as (() => void)[];
  socket.on("error", ignore);
  for (const listener of listeners) socket.off("error", listener);
}

function ignore(): void {}
