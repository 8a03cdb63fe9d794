import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { createAdapter } from "@socket.io/redis-adapter";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { Authenticator } from "../auth/authenticator.js";
import type { Caller } from "../calls/caller.js";
import type { Connection, Wire } from "../calls/connection.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Hub } from "../live/hub.js";
import type { RedisConnections } from "../redis/connection.js";
import { type Closing, closing } from "./closing.js";
import { tokenOf } from "./credentials.js";
import type { LiveTransport } from "./transport.js";
import { type NodeIdentity, welcome } from "./welcome.js";

export const SOCKET_IO_PATH = "/socket.io";

/** What clients receive. What they send is an operation each, by its name. */
interface ServerEvents {
  welcome(welcome: Welcome): void;
  push(push: Push): void;
  /** The connection is about to be closed. */
  closing(closing: Closing): void;
}

/** How long a client may take to receive why it is closed. */
const CLOSE_TIMEOUT_MS = 2_000;

interface SocketData {
  connection: SocketIoConnection;
}

type GrandstandServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;
type GrandstandSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;

/**
 * Socket.IO: each operation is an event with an acknowledgement, publications are the event `push`.
 *
 * A channel's audience is a room, and pushes go to the local sockets in it: every node follows Redis for
 * itself, in Redis's order. The Redis adapter carries only what is addressed to sockets on other nodes.
 */
export function socketIo(
  http: HttpServer,
  options: {
    redis: RedisConnections;
    adapterKey: string;
    corsOrigins: (string | RegExp)[];
    authenticator: Authenticator;
    dispatcher: Dispatcher;
    hub: Hub;
    node: NodeIdentity;
  },
): LiveTransport {
  const { redis, authenticator, dispatcher, hub, node } = options;
  const io: GrandstandServer = new Server(http, {
    path: SOCKET_IO_PATH,
    serveClient: false,
    // Upgrades that are not for Socket.IO belong to the plain WebSocket transport.
    destroyUpgrade: false,
    cors: { origin: options.corsOrigins },
    maxHttpBufferSize: limits.batchBodyBytes,
    connectTimeout: limits.connectTimeoutMs,
    adapter: createAdapter(redis.commands, redis.adapterSubscriptions, { key: options.adapterKey }),
  });
  const wire = new RoomWire(io);
  // Engine.io hands over a packet and Socket.IO its event in one turn, so one number serves all connections.
  let packetBytes = 0;
  const onPacket = ({ data }: { data?: string | Buffer }): void => {
    packetBytes = data === undefined ? 0 : Buffer.byteLength(data);
  };

  io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    const presented = typeof token === "string" ? token : tokenOf(socket.handshake.headers);
    authenticator.identifyConnection(presented).then(
      (caller) => {
        socket.data.connection = new SocketIoConnection(socket, caller, wire);
        next();
      },
      (error: unknown) => {
        const wireError = dispatcher.wireError(error, { operation: "connect", caller: { kind: "nobody" } });
        next(Object.assign(new Error(wireError.message), { data: wireError }));
      },
    );
  });

  io.on("connection", (socket: GrandstandSocket) => {
    const { connection } = socket.data;
    socket.conn.on("packet", onPacket);
    socket.onAny((operation: string, ...args: unknown[]) => {
      const bytes = packetBytes;
      const acknowledge = typeof args.at(-1) === "function" ? (args.pop() as (ack: Ack) => void) : null;
      const [input] = args;
      const { caller } = connection;
      void dispatcher.dispatch({ operation, input, bytes, caller, connection }).then(({ ack, sent }) => {
        acknowledge?.(ack);
        sent();
      });
    });
    socket.on("disconnect", () => hub.drop(connection));
    socket.emit("welcome", welcome(node, connection));
  });

  return {
    get connectionCount() {
      return io.of("/").sockets.size;
    },
    async close(reason) {
      const sockets = [...io.of("/").sockets.values()];
      const gone = Promise.all(sockets.map(({ conn }) => once(conn, "close")));
      for (const socket of sockets) socket.data.connection.close(reason);
      // A client that takes nothing more would never be gone.
      await Promise.race([gone, setTimeout(CLOSE_TIMEOUT_MS, null, { ref: false })]);
      // The HTTP server is its owner's to close; this ends what has not yet connected to a namespace.
      io.engine.close();
      await io.of("/").adapter.close();
    },
  };
}

class SocketIoConnection implements Connection {
  readonly id: string;

  constructor(
    readonly socket: GrandstandSocket,
    readonly caller: Caller,
    readonly wire: Wire,
  ) {
    this.id = socket.id;
  }

  send(push: Push): void {
    this.socket.emit("push", push);
  }

  close(reason: CloseReason): void {
    this.socket.emit("closing", closing(reason));
    this.socket.disconnect(true);
  }
}

/** Audiences as rooms. */
class RoomWire implements Wire {
  constructor(readonly io: GrandstandServer) {}

  join(audience: string, { socket }: SocketIoConnection): void {
    void socket.join(audience);
  }

  leave(audience: string, { socket }: SocketIoConnection): void {
    void socket.leave(audience);
  }

  broadcast(audience: string, push: Push): void {
    this.io.local.to(audience).emit("push", push);
  }
}
