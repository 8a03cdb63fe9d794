import type { Server as HttpServer } from "node:http";
import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Ack, Expiring, Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { createAdapter } from "@socket.io/redis-adapter";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { Caller } from "../../core/caller.js";
import type { Broadcaster, Connection } from "../../core/connection.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Connections } from "../../live/connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import type { RedisConnections } from "../../redis/client.js";
import type { Addresses } from "../http/addresses.js";
import type { Credentials } from "../http/credentials.js";
import { FOREIGN_PAGE, type Origins } from "../http/origins.js";
import { InFlightLimit } from "../in-flight-limit.js";
import type { LiveTransport } from "../live-transport.js";
import {
  CLOSE_NOTICE_TIMEOUT_MS,
  type CloseNotice,
  closeNotice,
  type NodeIdentity,
  welcome,
} from "../live-transport.js";
import { type EngineConnection, EngineIoGuard } from "./engine-io-guard.js";

export const SOCKET_IO_PATH = "/socket.io";

/** What clients receive. What they send is an operation each, by its name. */
interface ServerEvents {
  welcome(welcome: Welcome): void;
  push(push: Push): void;
  /** The credentials are about to end: `auth.refresh` takes others. */
  expiring(expiring: Expiring): void;
  /** The connection is about to be closed. */
  closing(closing: CloseNotice): void;
}

interface SocketData {
  connection: SocketIoConnection;
}

type GrandstandServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;
type GrandstandSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;

/**
 * Socket.IO: each operation is an event with an acknowledgement, publications are the event `push`.
 *
 * A channel's group is a room, and pushes go to the local sockets in it: every node follows Redis for
 * itself, in Redis's order. The Redis adapter carries only what is addressed to sockets on other nodes.
 */
export async function socketIo(
  http: HttpServer,
  options: {
    redis: RedisConnections;
    adapterKey: string;
    corsOrigins: (string | RegExp)[];
    origins: Origins;
    addresses: Addresses;
    credentials: Credentials;
    pendingConnections: PendingConnections;
    admission: Admission;
    dispatcher: Dispatcher;
    connections: Connections;
    slowConsumers: SlowConsumers;
    node: NodeIdentity;
  },
): Promise<LiveTransport> {
  const { redis, origins, addresses, credentials, pendingConnections } = options;
  const { admission, dispatcher, connections, slowConsumers, node } = options;
  // The adapter does not wait for its subscription: what forbids it, an ACL say, is met and reported here.
  await redis.adapterSubscriptions.psubscribe(`${options.adapterKey}#/#*`);
  const io: GrandstandServer = new Server(http, {
    path: SOCKET_IO_PATH,
    serveClient: false,
    // Upgrades that are not for Socket.IO belong to the plain WebSocket transport.
    destroyUpgrade: false,
    cors: { origin: options.corsOrigins, credentials: true },
    maxHttpBufferSize: limits.batchBodyBytes,
    // Small frames would cost more than they save, and one of a few bytes could stand for megabytes.
    perMessageDeflate: false,
    httpCompression: false,
    // Asked when a transport opens, and not for each request of long-polling.
    allowRequest: (request, answer) => {
      if (origins.allow(request.headers)) answer(null, true);
      else answer(FOREIGN_PAGE, false);
    },
    connectTimeout: limits.connectTimeoutMs,
    adapter: createAdapter(redis.commands, redis.adapterSubscriptions, { key: options.adapterKey }),
  });
  const bounds = new EngineIoGuard(pendingConnections, addresses, slowConsumers);
  const broadcaster = new RoomWire(io, (connection) => slowConsumers.note(connection));

  io.engine.on("headers", (headers: Record<string, string>) => {
    headers["x-content-type-options"] = "nosniff";
  });
  io.engine.on("connection", (engine: EngineConnection) => bounds.begin(engine));

  io.use((socket, next) => {
    const engine = engineOf(socket);
    if (!bounds.asks(engine)) return;
    const { token } = socket.handshake.auth;
    const { headers } = socket.handshake;
    const address = addresses.of(socket.request);
    const admit = async (): Promise<Caller> => {
      await admission.open(address);
      const presented = typeof token === "string" ? token : credentials.ofRequest(headers, false);
      return admission.identify(presented, address);
    };
    admit().then(
      (caller) => {
        socket.data.connection = new SocketIoConnection(socket, caller, broadcaster, address);
        next();
      },
      (error: unknown) => {
        bounds.refused(engine);
        const wireError = dispatcher.wireError(error, "connect");
        next(Object.assign(new Error(wireError.message), { data: wireError }));
      },
    );
  });

  io.on("connection", (socket: GrandstandSocket) => {
    const { connection } = socket.data;
    if (!connections.hasRoomFor(connection.caller)) {
      socket.disconnect(true);
      return;
    }
    const engine = engineOf(socket);
    const underWay = new InFlightLimit();
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const acknowledge = typeof args.at(-1) === "function" ? (args.pop() as (ack: Ack) => void) : null;
      // An event can be named by a number.
      const operation = String(event);
      const [input] = args;
      const answer = (ack: Ack): void => {
        acknowledge?.(ack);
        underWay.end();
      };
      underWay.begin(engine.transport.socket);
      if (underWay.isExceeded) {
        answer({ ok: false, error: underWay.refusal });
        slowConsumers.note(connection);
        return;
      }
      void dispatcher
        .dispatch({ operation, input, bytes: bytesOf(input), from: connection })
        .then(({ ack, sent }) => {
          answer(ack);
          sent();
          slowConsumers.note(connection);
        });
    });
    const gone = () => connections.remove(connection);
    socket.on("disconnect", (reason) => {
      // What this node closed is gone when its farewell has left.
      if (reason === "server namespace disconnect") socket.conn.once("close", gone);
      else gone();
    });
    socket.emit("welcome", welcome(node, connection));
    // Last of all: it may be closed at once.
    connections.add(connection);
  });

  return {
    async stop() {
      // The HTTP server and the adapter's connection to Redis are their owners' to close.
      io.engine.close();
    },
  };
}

class SocketIoConnection implements Connection {
  readonly id: string;

  constructor(
    readonly socket: GrandstandSocket,
    public caller: Caller,
    readonly broadcaster: RoomWire,
    readonly address: string,
  ) {
    this.id = socket.id;
  }

  get queuedBytes(): number {
    const { transport, writeBuffer } = engineOf(this.socket);
    let bytes = transport.socket?.bufferedAmount ?? 0;
    for (const { data } of writeBuffer) bytes += data?.length ?? 0;
    return bytes;
  }

  send(push: Push): void {
    this.socket.emit("push", push);
    this.broadcaster.onSent(this);
  }

  onSubscriptionEnded(): void {}

  warn(expiring: Expiring): void {
    this.socket.emit("expiring", expiring);
    this.broadcaster.onSent(this);
  }

  close(reason: CloseReason): void {
    // It has its farewell, and may not have read it yet.
    if (this.socket.disconnected) return;
    this.socket.emit("closing", closeNotice(reason));
    this.socket.disconnect(true);
    const cutOff = setTimeout(() => this.terminate(), CLOSE_NOTICE_TIMEOUT_MS);
    this.socket.conn.once("close", () => clearTimeout(cutOff));
  }

  terminate(): void {
    const engine = engineOf(this.socket);
    // Closed by engine.io, a WebSocket still waits for its client to agree.
    engine.transport.socket?.terminate();
    engine.close(true);
  }
}

function engineOf({ conn }: GrandstandSocket): EngineConnection {
  return conn as unknown as EngineConnection;
}

/** Audiences as rooms. */
class RoomWire implements Broadcaster {
  /** @param onSent called for each connection that was sent something */
  constructor(
    readonly io: GrandstandServer,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(group: string, { socket }: SocketIoConnection): void {
    void socket.join(group);
  }

  leave(group: string, { socket }: SocketIoConnection): void {
    void socket.leave(group);
  }

  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void {
    const { adapter, sockets } = this.io.sockets;
    const excepted = except ? [...except].map(({ id }) => id) : [];
    this.io.local.to(group).except(excepted).emit("push", push);
    for (const id of adapter.rooms.get(group) ?? []) {
      const connection = sockets.get(id)?.data.connection;
      if (connection) this.onSent(connection);
    }
  }
}

/** Socket.IO does not say how large an event was when it came. What is too deep to be measured is refused for that. */
function bytesOf(input: unknown): number {
  try {
    return input === undefined ? 0 : Buffer.byteLength(JSON.stringify(input));
  } catch {
    return 0;
  }
}
