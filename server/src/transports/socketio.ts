import type { Server as HttpServer } from "node:http";
import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Ack, Expiring, Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { createAdapter } from "@socket.io/redis-adapter";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { Caller } from "../calls/caller.js";
import type { Connection, Wire } from "../calls/connection.js";
import type { Admission } from "../dispatch/admission.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Strangers } from "../limits/strangers.js";
import type { Connections } from "../live/connections.js";
import type { SlowReaders } from "../live/slow-readers.js";
import type { RedisConnections } from "../redis/connection.js";
import type { Addresses } from "./addresses.js";
import { CallsUnderWay } from "./calls-under-way.js";
import { type Closing, closing, FAREWELL_MS } from "./closing.js";
import type { Credentials } from "./credentials.js";
import { EngineBounds, type EngineConnection } from "./engine-bounds.js";
import { FOREIGN_PAGE, type Origins } from "./origins.js";
import type { LiveTransport } from "./transport.js";
import { type NodeIdentity, welcome } from "./welcome.js";

export const SOCKET_IO_PATH = "/socket.io";

/** What clients receive. What they send is an operation each, by its name. */
interface ServerEvents {
  welcome(welcome: Welcome): void;
  push(push: Push): void;
  /** The credentials are about to end: `auth.refresh` takes others. */
  expiring(expiring: Expiring): void;
  /** The connection is about to be closed. */
  closing(closing: Closing): void;
}

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
export async function socketIo(
  http: HttpServer,
  options: {
    redis: RedisConnections;
    adapterKey: string;
    corsOrigins: (string | RegExp)[];
    origins: Origins;
    addresses: Addresses;
    credentials: Credentials;
    strangers: Strangers;
    admission: Admission;
    dispatcher: Dispatcher;
    connections: Connections;
    slowReaders: SlowReaders;
    node: NodeIdentity;
  },
): Promise<LiveTransport> {
  const { redis, origins, addresses, credentials, strangers } = options;
  const { admission, dispatcher, connections, slowReaders, node } = options;
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
  const bounds = new EngineBounds(strangers, addresses, slowReaders);
  const wire = new RoomWire(io, (connection) => slowReaders.note(connection));

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
      const presented = typeof token === "string" ? token : credentials.tokenOf(headers, false);
      return admission.identify(presented, address);
    };
    admit().then(
      (caller) => {
        socket.data.connection = new SocketIoConnection(socket, caller, wire, address);
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
    const underWay = new CallsUnderWay();
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
      if (underWay.areTooMany) {
        answer({ ok: false, error: underWay.refusal });
        slowReaders.note(connection);
        return;
      }
      void dispatcher
        .dispatch({ operation, input, bytes: bytesOf(input), from: connection })
        .then(({ ack, sent }) => {
          answer(ack);
          sent();
          slowReaders.note(connection);
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
    readonly wire: RoomWire,
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
    this.wire.onSent(this);
  }

  onSubscriptionEnded(): void {}

  warn(expiring: Expiring): void {
    this.socket.emit("expiring", expiring);
    this.wire.onSent(this);
  }

  close(reason: CloseReason): void {
    // It has its farewell, and may not have read it yet.
    if (this.socket.disconnected) return;
    this.socket.emit("closing", closing(reason));
    this.socket.disconnect(true);
    const cutOff = setTimeout(() => this.terminate(), FAREWELL_MS);
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
class RoomWire implements Wire {
  /** @param onSent called for each connection that was sent something */
  constructor(
    readonly io: GrandstandServer,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(audience: string, { socket }: SocketIoConnection): void {
    void socket.join(audience);
  }

  leave(audience: string, { socket }: SocketIoConnection): void {
    void socket.leave(audience);
  }

  broadcast(audience: string, push: Push, except?: ReadonlySet<Connection>): void {
    const { adapter, sockets } = this.io.sockets;
    const excepted = except ? [...except].map(({ id }) => id) : [];
    this.io.local.to(audience).except(excepted).emit("push", push);
    for (const id of adapter.rooms.get(audience) ?? []) {
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
