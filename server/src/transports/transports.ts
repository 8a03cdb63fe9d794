import type { FastifyInstance } from "fastify";
import type { Identity } from "../auth/identity.js";
import type { Config } from "../config/config.js";
import { originRule } from "../config/origins.js";
import type { Auditor } from "../core/auditor.js";
import { Admission } from "../dispatch/admission.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { HookGate } from "../hooks/gate.js";
import type { CallLimits } from "../limits/call-limits.js";
import { PendingConnections } from "../limits/pending-connections.js";
import type { Connections } from "../live/connections.js";
import type { Hub } from "../live/hub.js";
import type { Observer } from "../observer/observer.js";
import type { RedisConnections } from "../redis/client.js";
import type { Keys } from "../redis/keys.js";
import { consoleSessions } from "./console/console.js";
import type { Addresses } from "./http/addresses.js";
import { Credentials } from "./http/credentials.js";
import { HttpDrain } from "./http/drain.js";
import { crossOrigin, loopbackOrigins, Origins } from "./http/origins.js";
import { keepForProxies } from "./http/request-timeouts.js";
import { SessionCookie } from "./http/session-cookie.js";
import { limitPreRequestSockets, limitSocketsPerAddress } from "./http/socket-limits.js";
import type { LiveTransport, NodeIdentity } from "./live-transport.js";
import { rest, restFailures } from "./rest/rest.js";
import type { EngineSessions } from "./socketio/engine-sessions.js";
import { SOCKET_IO_PATH, socketIo } from "./socketio/socketio.js";
import { sse } from "./sse/sse.js";
import { webSocket } from "./websocket/websocket.js";

export interface TransportServices {
  config: Pick<Config, "limits" | "corsOrigins" | "isProduction" | "socketIoAdapter">;
  redis: RedisConnections;
  keys: Keys;
  identity: Identity;
  addresses: Addresses;
  callLimits: CallLimits;
  dispatcher: Dispatcher;
  connections: Connections;
  hub: Hub;
  observer: Observer;
  hooks: HookGate | null;
  node: NodeIdentity;
  /** The Engine.IO sessions of all workers of this port; null when there is only one worker. */
  sessions: EngineSessions | null;
  auditor: Auditor;
}

/** All transports of one node, on one HTTP server. */
export class Transports {
  readonly #app: FastifyInstance;
  readonly #services: TransportServices;
  readonly #drain: HttpDrain;
  readonly #live: LiveTransport[] = [];

  constructor(app: FastifyInstance, services: TransportServices) {
    this.#app = app;
    this.#services = services;
    this.#drain = new HttpDrain(app);
  }

  /**
   * Registers routes and listeners. The order matters: Socket.IO hides its requests from listeners that were
   * added earlier.
   */
  async register(): Promise<void> {
    const app = this.#app;
    const { config, redis, keys, identity, callLimits, dispatcher, connections } = this.#services;
    const { addresses, hub, observer, node, sessions } = this.#services;
    const { limits } = config;
    const corsOrigins = config.corsOrigins?.map(originRule) ?? loopbackOrigins;
    const cookie = new SessionCookie(identity.cookieSecrets, config.isProduction);
    const origins = new Origins(corsOrigins, app.log);
    const credentials = new Credentials(cookie, origins);
    const waitingPerAddress = limits.connections?.waitingPerAddress ?? Number.POSITIVE_INFINITY;
    const services = {
      origins,
      addresses,
      credentials,
      pendingConnections: new PendingConnections(waitingPerAddress, observer),
      admission: new Admission(connections, callLimits, identity.authenticator, this.#services.hooks),
      dispatcher,
      connections,
      slowConsumers: hub.slowConsumers,
      node,
    };
    restFailures(app, dispatcher);
    await crossOrigin(app, corsOrigins, origins);
    this.#live.push(
      await socketIo(app.server, {
        ...services,
        redis,
        adapterPrefix: config.socketIoAdapter ? keys.socketIo : null,
        corsOrigins,
        sessions,
      }),
    );
    this.#drain.watch();
    keepForProxies(app.server, addresses);
    if (limits.connections !== null) {
      // The limit allows two sockets for each live connection, because its client may also make REST calls. It also
      // allows the sockets that have sent no request yet.
      const { perAddress } = limits.connections;
      limitSocketsPerAddress(app.server, 2 * perAddress + waitingPerAddress, addresses, observer);
      limitPreRequestSockets(app.server, new PendingConnections(waitingPerAddress, observer), addresses);
    }
    this.#live.push(await webSocket(app, { ...services, socketIoPath: SOCKET_IO_PATH }));
    this.#live.push(sse(app, services));
    await rest(app, { dispatcher, credentials, cookie });
    await consoleSessions(app, {
      signIns: identity.consoleSignIns,
      authenticator: identity.authenticator,
      callLimits,
      origins,
      isSecure: config.isProduction,
      auditor: this.#services.auditor,
    });
  }

  /** Ends each HTTP connection with its next response, so that proxies send later requests to other nodes. */
  drain(): void {
    this.#drain.begin();
  }

  /** Stops listening. A proxy whose connection is refused can safely send its request to another node. */
  closePort(): Promise<void> {
    return this.#drain.closePort();
  }

  /** Terminates the remaining live connections. Their close notices were sent before. */
  async stopLive(): Promise<void> {
    await Promise.all(this.#live.map((transport) => transport.stop()));
  }

  /** Closes the HTTP server once its running requests are answered, or after a timeout (`HttpDrain`). */
  close(): Promise<void> {
    return this.#drain.whileClosing(
      () => this.#app.close(),
      () => this.stopLive(),
    );
  }
}
