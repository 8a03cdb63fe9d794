import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { ApiKeys } from "./auth/api-keys.js";
import { Authenticator } from "./auth/authenticator.js";
import { CookieSecrets } from "./auth/cookie-secrets.js";
import { Revocations } from "./auth/revocations.js";
import { Sessions } from "./auth/sessions.js";
import { StoredKeys } from "./auth/stored-keys.js";
import { Tokens } from "./auth/tokens.js";
import type { Handlers } from "./calls/handlers.js";
import type { Config } from "./config.js";
import { Admission } from "./dispatch/admission.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import { channelHandlers } from "./domains/channel/handlers.js";
import { chatSource } from "./domains/chat/feed.js";
import { chatHandlers } from "./domains/chat/handlers.js";
import { counterSource } from "./domains/counter/feed.js";
import { counterHandlers } from "./domains/counter/handlers.js";
import { authHandlers } from "./domains/identity/auth-handlers.js";
import { CredentialEnds } from "./domains/identity/credential-ends.js";
import { HeldCredentials } from "./domains/identity/held-credentials.js";
import { keyHandlers } from "./domains/identity/key-handlers.js";
import { closeIfRevoked, closeRevoked } from "./domains/identity/revoked-connections.js";
import { sessionHandlers } from "./domains/identity/session-handlers.js";
import { userRevocationHandlers } from "./domains/identity/user-handlers.js";
import { Beliefs } from "./domains/leaderboard/beliefs.js";
import type { BoardContext } from "./domains/leaderboard/context.js";
import { DenseCounts } from "./domains/leaderboard/dense-counts.js";
import { leaderboardSource } from "./domains/leaderboard/feed.js";
import { leaderboardHandlers } from "./domains/leaderboard/handlers.js";
import { closeIfOver, expectEnds } from "./domains/leaderboard/season-ends.js";
import type { PresenceContext } from "./domains/presence/context.js";
import { presenceHandlers } from "./domains/presence/handlers.js";
import { Presence } from "./domains/presence/presence.js";
import { userSource } from "./domains/user/feed.js";
import { userHandlers } from "./domains/user/handlers.js";
import { Stays } from "./domains/user/stays.js";
import { SeasonJobs } from "./jobs/season-jobs.js";
import { CallLimits } from "./limits/call-limits.js";
import { ConnectionCounts } from "./limits/connection-counts.js";
import { Strangers } from "./limits/strangers.js";
import { Bus } from "./live/bus.js";
import { Connections } from "./live/connections.js";
import { Hub } from "./live/hub.js";
import { crossOrigin, loopbackOrigins } from "./ops/cors.js";
import { documents } from "./ops/documents.js";
import { health } from "./ops/health.js";
import { HttpDrain } from "./ops/http-drain.js";
import { staticPages } from "./ops/pages.js";
import { rootPage } from "./ops/root.js";
import { version } from "./ops/version.js";
import { connectRedis } from "./redis/connection.js";
import { Keys } from "./redis/keys.js";
import { Addresses } from "./transports/addresses.js";
import { protectAnswers } from "./transports/answer-headers.js";
import { Credentials } from "./transports/credentials.js";
import { KEEP_ALIVE_MS, keepForProxies } from "./transports/keep-alive.js";
import { Origins } from "./transports/origins.js";
import { refuseUnreadable, sendProblem, unreadable } from "./transports/problem.js";
import { rest, restFailures } from "./transports/rest.js";
import { SessionCookie } from "./transports/session-cookie.js";
import { boundSilentSockets } from "./transports/silent-sockets.js";
import { SOCKET_IO_PATH, socketIo } from "./transports/socketio.js";
import { boundSocketsPerAddress } from "./transports/sockets-per-address.js";
import { sse } from "./transports/sse.js";
import type { LiveTransport } from "./transports/transport.js";
import { webSocket } from "./transports/websocket.js";

/** A path parameter holds a member id of 128 characters, each of which takes up to 12 when encoded. */
const MAX_PARAM_LENGTH = 2_048;

/** How long a client may take to send a request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long it may take for the head of one, whose sender nobody knows yet. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for those that took longer. */
const TIMEOUT_CHECK_MS = 5_000;
/** A token of 8 KiB, and twice that for all the rest. */
const MAX_HEADER_BYTES = 16 * 1_024;

/** One running node. */
export interface App {
  /** Where it listens. */
  url: string;
  /** How many live connections it has, over all transports. */
  connectionCount(): number;
  /** How many channels have a subscriber here. */
  channelCount(): number;
  /** How many connections are sent less because their clients read too slowly. */
  slowReaderCount(): number;
  /** Ends every connection with a reason to come back, finishes what is under way, and lets go of Redis. */
  close(): Promise<void>;
}

/** Wires one node together and starts it. Nothing else sees all of its parts. */
export async function startApp(config: Config, redisUrl: string, log: Logger): Promise<App> {
  const { limits } = config;
  const node = { nodeId: randomUUID(), version, channelsPerConnection: limits.channelsPerConnection };
  const keys = new Keys(config.prefix);
  const redis = await connectRedis(redisUrl, log);
  const { commands, publishCommand } = redis;

  const bus = new Bus({
    subscriptions: redis.subscriptions,
    commands,
    publishCommand,
    heartbeatTopic: keys.heartbeat(node.nodeId),
    log,
  });
  const boards: BoardContext = {
    redis: commands,
    keys,
    publishCommand,
    beliefs: new Beliefs(),
    denseCounts: new DenseCounts(),
    onOpened: (season) => seasonJobs.expect(season),
  };
  const seasonJobs = new SeasonJobs({
    redis: redis.jobs,
    prefix: keys.jobs,
    closeIfOver: (season) => closeIfOver(boards, season),
    review: () => expectEnds(boards),
    log,
  });
  const rooms = { redis: commands, keys, publishCommand, openRooms: config.openRooms };
  const users = { redis: commands, keys, publishCommand };
  const stays = new Stays(users);
  const presenceContext: PresenceContext = {
    redis: commands,
    keys,
    publishCommand,
    openRooms: config.openRooms,
    graceMs: config.presenceGraceMs,
    leaseTtlMs: config.leaseTtlMs,
    stays,
    log,
  };
  const presence = new Presence(presenceContext);
  const sources = {
    leaderboard: leaderboardSource(boards, log),
    counter: counterSource(commands, keys, log),
    chat: chatSource(rooms, log),
    presence: presence.feeds,
    user: userSource(users, log),
  };
  const hub = new Hub(bus, sources, config.batchMs, config.queueLimits, limits.channelsPerConnection);
  const pace = config.identityPace;
  const revocations = new Revocations({ redis: commands, keys, publishCommand, log });
  const credentialEnds = new CredentialEnds(pace);
  const connections = new Connections(new ConnectionCounts(limits.connections), {
    onGone: (connection) => {
      credentialEnds.forget(connection);
      hub.drop(connection);
      presence.drop(connection);
    },
    onCaller: (connection) => {
      credentialEnds.note(connection);
      closeIfRevoked(connection, revocations);
      hub.reviewRights(connection);
      presence.reviewRights(connection);
    },
  });
  revocations.onRevoked(() => closeRevoked(connections, revocations));
  const callLimits = new CallLimits(limits, commands, keys);

  const apiKeys = new ApiKeys(config.apiKeys);
  const storedKeys = new StoredKeys(commands, keys);
  const sessions = new Sessions(commands, keys, revocations, log);
  const cookieSecrets = new CookieSecrets(config.cookieSecrets, commands, keys, log);
  const tokens = new Tokens(config.tokens, pace.keySet, log);
  const authenticator = new Authenticator({ apiKeys, storedKeys, sessions, tokens, revocations, log });
  const held = { sessions, storedKeys, apiKeys };
  const heldCredentials = new HeldCredentials(connections, held, pace.slideMs, log);
  const handlers: Handlers = {
    ...sessionHandlers(sessions, authenticator, revocations, config.guestsAllowed),
    ...authHandlers(authenticator, connections),
    ...keyHandlers(storedKeys, apiKeys, revocations),
    ...userRevocationHandlers(sessions, revocations),
    ...channelHandlers(hub),
    ...leaderboardHandlers(boards),
    ...counterHandlers(commands, keys, publishCommand, log),
    ...chatHandlers(rooms, (room, user) => presence.accessChanged(room, user)),
    ...presenceHandlers(presenceContext, presence),
    ...userHandlers(users, stays),
  };
  const dispatcher = new Dispatcher(authenticator, callLimits, handlers, log);

  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (_error, _request, reply) => sendProblem(reply, unreadable),
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: "idle",
    // Fastify's own answer is no problem document, and keeps an upgrade that it refuses open for ever.
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    clientErrorHandler: refuseUnreadable,
    // A child for each request would carry an id that no line of ours needs.
    childLoggerFactory: (logger) => logger,
  });
  const drain = new HttpDrain(app.server);
  const corsOrigins = config.corsOrigins ?? loopbackOrigins;
  const addresses = new Addresses(config.trustedProxies, forgeryWarning(log));
  const transports: LiveTransport[] = [];
  let isDraining = false;

  const close = async (): Promise<void> => {
    isDraining = true;
    await connections.closeAll("draining");
    const stop = () => Promise.all(transports.map((transport) => transport.stop()));
    await stop();
    await Promise.all([presence.close(), drain.whileClosing(() => app.close(), stop)]);
    await seasonJobs.close();
    for (const part of [credentialEnds, heldCredentials, cookieSecrets, revocations, bus]) part.stop();
    await redis.close();
  };

  try {
    await Promise.all([bus.start(), seasonJobs.start()]);
    await bus.listen(keys.identity.topic, revocations);
    await revocations.start(pace.reviewMs);
    await presence.start(bus);
    await cookieSecrets.start(pace.reviewMs);
    const cookie = new SessionCookie(cookieSecrets, config.isProduction);
    const origins = new Origins(corsOrigins);
    const credentials = new Credentials(cookie, origins);
    app.decorateRequest("address", {
      getter() {
        return addresses.of(this.raw);
      },
    });
    protectAnswers(app);
    restFailures(app, dispatcher);
    await crossOrigin(app, corsOrigins);
    health(app, { commands, bus, isDraining: () => isDraining });
    documents(app);
    const { slowReaders } = hub;
    const services = {
      origins,
      addresses,
      credentials,
      strangers: new Strangers(limits.connections?.waitingPerAddress ?? Number.POSITIVE_INFINITY),
      admission: new Admission(connections, callLimits, authenticator),
      dispatcher,
      connections,
      slowReaders,
      node,
    };
    transports.push(
      await socketIo(app.server, { ...services, redis, adapterKey: keys.socketIo, corsOrigins }),
    );
    drain.watch();
    keepForProxies(app.server, addresses);
    if (limits.connections !== null) {
      const { perAddress, waitingPerAddress } = limits.connections;
      // As many as there may be connections, as many for calls beside them, and those that have said nothing yet.
      boundSocketsPerAddress(app.server, 2 * perAddress + waitingPerAddress, addresses);
      boundSilentSockets(app.server, new Strangers(waitingPerAddress), addresses);
    }
    transports.push(await webSocket(app, { ...services, socketIoPath: SOCKET_IO_PATH }));
    transports.push(sse(app, services));
    await rest(app, { dispatcher, credentials, cookie, redis: commands, keys });
    if (config.webDir === null) rootPage(app);
    else await staticPages(app, config.webDir);
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    url: urlOf(app),
    connectionCount: () => connections.size,
    channelCount: () => hub.channelCount,
    slowReaderCount: () => hub.slowReaders.size,
    close,
  };
}

/** Says once what keeps limits by address from being fair. */
function forgeryWarning(log: Logger): (peer: string) => void {
  let isTold = false;
  return (peer) => {
    if (isTold) return;
    isTold = true;
    log.warn(
      { peer },
      "X-Forwarded-For came from an address that GRANDSTAND_TRUSTED_PROXIES does not name, and is ignored",
    );
  };
}

/** An address that listens everywhere is shown as the one that a browser on this machine can open. */
function urlOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  if (address === "0.0.0.0" || address === "::") return `http://127.0.0.1:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
