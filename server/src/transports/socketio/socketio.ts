import type { Server as HttpServer } from "node:http";
import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack, Expiring, Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { Caller } from "../../core/caller.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Connections } from "../../live/connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import type { ClosedBy } from "../../observer/observer.js";
import type { RedisConnections } from "../../redis/client.js";
import { EncodedBroadcaster, type EncodedConnection } from "../broadcaster.js";
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
import { socketIoAdapter } from "./adapter.js";
import { type EngineConnection, EngineIoGuard } from "./engine-io-guard.js";
import { type Engine, type EngineSessions, shareSessions } from "./engine-sessions.js";
import { encodePush, type SocketIoPush, writePush } from "./socketio-push.js";

export const SOCKET_IO_PATH = "/socket.io";
/** The name of the Socket.IO room with all sockets of a user is this prefix and the user's id. */
const SOCKETS_OF = "sockets-of:";

/** The events that clients receive. Each event that clients send is an operation. */
interface ServerEvents {
  welcome(welcome: Welcome): void;
  push(push: Push): void;
  /** The credential is about to expire: `auth.refresh` replaces it. */
  expiring(expiring: Expiring): void;
  /** The connection is about to be closed. */
  closing(closing: CloseNotice): void;
}

interface SocketData {
  /** Not enumerable, because the adapter sends the enumerable data of sockets to other nodes. */
  connection: SocketIoConnection;
  /** The id of the user; null for other callers. */
  user: string | null;
}

type GrandstandServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;
type GrandstandSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, SocketData>;

/**
 * Socket.IO: each operation is an event with an acknowledgement, publications are the event `push`. Every
 * node subscribes to Redis itself, so publications never pass through an adapter.
 */
export async function socketIo(
  http: HttpServer,
  options: {
    redis: RedisConnections;
    /** The prefix of the adapter's topics; null when the adapter is off. */
    adapterPrefix: string | null;
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
    sessions: EngineSessions | null;
  },
): Promise<LiveTransport> {
  const { redis, adapterPrefix, origins, addresses, credentials, pendingConnections } = options;
  const { admission, dispatcher, connections, slowConsumers, node } = options;
  const io: GrandstandServer = new Server(http, {
    path: SOCKET_IO_PATH,
    serveClient: false,
    // Other upgrades belong to the plain WebSocket transport.
    destroyUpgrade: false,
    cors: { origin: options.corsOrigins, credentials: true },
    maxHttpBufferSize: limits.batchBodyBytes,
    // Compression costs more than it saves on small frames, and lets a few bytes expand to megabytes.
    perMessageDeflate: false,
    httpCompression: false,
    // Called when a transport opens, and not for each request of long-polling.
    allowRequest: (request, answer) => {
      if (origins.allow(request.headers)) answer(null, true);
      else answer(FOREIGN_PAGE, false);
    },
    connectTimeout: limits.connectTimeoutMs,
    ...(adapterPrefix !== null && { adapter: socketIoAdapter(redis, adapterPrefix) }),
  });
  const guard = new EngineIoGuard(pendingConnections, addresses, slowConsumers);
  const broadcaster = new EncodedBroadcaster(encodePush, (connection) => slowConsumers.note(connection));

  const stopSharing = options.sessions
    ? await shareSessions(io.engine as unknown as Engine, options.sessions)
    : () => {};
  io.engine.on("headers", (headers: Record<string, string>) => {
    headers["x-content-type-options"] = "nosniff";
  });
  io.engine.on("connection", (engine: EngineConnection) => guard.onOpen(engine));
  io.engine.on("connection_error", ({ code }: { code: number }) => {
    dispatcher.refusal(code === ENGINE_FORBIDDEN ? foreignPage : unreadableHandshake, "socketio", "connect");
  });

  io.use((socket, next) => {
    const engine = engineOf(socket);
    if (!guard.allowRequest(engine)) return;
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
        const connection = new SocketIoConnection(socket, caller, broadcaster, address);
        Object.defineProperty(socket.data, "connection", { value: connection });
        if (adapterPrefix !== null) addressable(socket, caller);
        next();
      },
      (error: unknown) => {
        guard.onRefused(engine);
        const wireError = dispatcher.refusal(error, "socketio", "connect");
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
    const inFlight = new InFlightLimit();
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const acknowledge = typeof args.at(-1) === "function" ? (args.pop() as (ack: Ack) => void) : null;
      // The name of an event can be a number.
      const operation = String(event);
      const [input, context] = args as [unknown, { traceparent?: unknown } | null | undefined];
      const traceparent = typeof context?.traceparent === "string" ? context.traceparent : undefined;
      const answer = (ack: Ack): void => {
        acknowledge?.(ack);
        inFlight.end();
      };
      inFlight.begin(engine.transport.socket);
      if (inFlight.isExceeded) {
        answer({ ok: false, error: dispatcher.refusal(inFlight.refusal, "socketio", operation) });
        slowConsumers.note(connection);
        return;
      }
      void dispatcher
        .dispatch({ operation, input, bytes: bytesOf(input), from: connection, traceparent })
        .then(({ ack, sent }) => {
          answer(ack);
          sent();
          slowConsumers.note(connection);
        });
    });
    const onClose = () => connections.remove(connection);
    socket.on("disconnect", (reason) => {
      // A connection that this node closed still has to send its close notice.
      if (reason === "server namespace disconnect") socket.conn.once("close", onClose);
      else onClose();
    });
    socket.emit("welcome", welcome(node, connection));
    // Last, because `add` may close the connection at once.
    connections.add(connection);
  });

  return {
    async stop() {
      // Not `io.close()`, which would close the HTTP server too: `Transports.close` does that later.
      io.engine.close();
      stopSharing();
    },
  };
}

/** Engine.IO's code of a handshake that `allowRequest` refused. */
const ENGINE_FORBIDDEN = 4;
const foreignPage = new GrandstandError("forbidden", FOREIGN_PAGE);
const unreadableHandshake = new GrandstandError("bad_request", "The handshake of Engine.IO can't be read");

/** Lets other nodes and programs address a socket by its user. */
function addressable(socket: GrandstandSocket, caller: Caller): void {
  socket.data.user = caller.kind === "user" ? caller.user.id : null;
  if (caller.kind === "user") void socket.join(`${SOCKETS_OF}${caller.user.id}`);
  // The adapter sends the handshake of a socket to programs that list sockets, so it must not contain
  // credentials.
  socket.handshake.auth = {};
  for (const name of ["authorization", "cookie", "x-api-key"]) delete socket.handshake.headers[name];
}

class SocketIoConnection implements EncodedConnection<SocketIoPush> {
  readonly id: string;
  readonly transport = "socketio";
  closedBy: ClosedBy = "client";

  constructor(
    readonly socket: GrandstandSocket,
    public caller: Caller,
    readonly broadcaster: EncodedBroadcaster<SocketIoPush>,
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

  write(push: SocketIoPush): void {
    // Nothing may follow the packet that disconnects the client.
    if (this.socket.connected) writePush(engineOf(this.socket), push);
  }

  onSubscriptionEnded(): void {}

  warn(expiring: Expiring): void {
    this.socket.emit("expiring", expiring);
    this.broadcaster.onSent(this);
  }

  close(reason: CloseReason): void {
    // The client has left, or its close notice was sent already.
    if (this.socket.disconnected) return;
    this.closedBy = reason;
    this.socket.emit("closing", closeNotice(reason));
    this.socket.disconnect(true);
    const timeout = setTimeout(() => this.terminate(), CLOSE_NOTICE_TIMEOUT_MS);
    this.socket.conn.once("close", () => clearTimeout(timeout));
  }

  terminate(): void {
    if (this.closedBy === "client") this.closedBy = "terminated";
    const engine = engineOf(this.socket);
    // Engine.IO's own close waits for the client to confirm, so the socket is terminated first.
    engine.transport.socket?.terminate();
    engine.close(true);
  }
}

function engineOf({ conn }: GrandstandSocket): EngineConnection {
  return conn as unknown as EngineConnection;
}

/**
 * The size of an input in bytes, which Socket.IO does not report. It is 0 for an input that is nested too deeply for
 * JSON.stringify: dispatch refuses such an input.
 */
function bytesOf(input: unknown): number {
  try {
    return input === undefined ? 0 : Buffer.byteLength(JSON.stringify(input));
  } catch {
    return 0;
  }
}
