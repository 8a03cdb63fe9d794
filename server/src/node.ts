import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { Identity } from "./auth/identity.js";
import type { Config } from "./config/config.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import { authModule } from "./domains/auth/module.js";
import { channelModule } from "./domains/channel/module.js";
import { chatModule } from "./domains/chat/module.js";
import { counterModule } from "./domains/counter/module.js";
import { keyModule } from "./domains/key/module.js";
import { leaderboardModule } from "./domains/leaderboard/module.js";
import { presenceModule } from "./domains/presence/module.js";
import { sessionModule } from "./domains/session/module.js";
import type { DomainDependencies } from "./domains/shared/dependencies.js";
import { domainModules } from "./domains/shared/module.js";
import { RoomAccessChanges } from "./domains/shared/room-access-changes.js";
import { userModule } from "./domains/user/module.js";
import { PresenceSessions } from "./domains/user/presence-sessions.js";
import { SeasonJobs } from "./jobs/season-jobs.js";
import { CallLimits } from "./limits/call-limits.js";
import { ConnectionCounts } from "./limits/connection-counts.js";
import { Bus } from "./live/bus.js";
import { Connections } from "./live/connections.js";
import { Hub } from "./live/hub.js";
import { documents } from "./ops/documents.js";
import { health } from "./ops/health.js";
import { staticPages } from "./ops/pages.js";
import { rootPage } from "./ops/root.js";
import { version } from "./ops/version.js";
import { connectRedis } from "./redis/client.js";
import { Keys } from "./redis/keys.js";
import { createHttpServer, urlOf } from "./transports/http/server.js";
import { Transports } from "./transports/transports.js";

/** One running node. */
export interface RunningNode {
  /** The URL at which it listens. */
  url: string;
  /** The number of live connections, over all transports. */
  connectionCount(): number;
  /** The number of channels with a local subscriber. */
  channelCount(): number;
  /** The number of connections whose clients read more slowly than their channels publish. */
  slowConsumerCount(): number;
  /** Asks every client to reconnect elsewhere, finishes the calls under way, and closes the connections to Redis. */
  close(): Promise<void>;
}

/** Wires one node together and starts it. This is the only file that sees every part. */
export async function startNode(config: Config, redisUrl: string, log: Logger): Promise<RunningNode> {
  const nodeId = randomUUID();
  const keys = new Keys(config.prefix);
  const redis = await connectRedis(redisUrl, log);
  const { commands, subscriptions, publishCommand } = redis;
  const stores = { redis: commands, keys, publishCommand };

  const identity = new Identity(config, commands, keys, publishCommand, log);
  const heartbeatTopic = keys.heartbeat(nodeId);
  const bus = new Bus({ subscriptions, commands, publishCommand, heartbeatTopic, log });
  const seasonJobs = new SeasonJobs({ redis: redis.jobs, prefix: keys.jobs, log });

  const dependencies: DomainDependencies = {
    ...stores,
    log,
    openRooms: config.openRooms,
    presenceGraceMs: config.presenceGraceMs,
    leaseTtlMs: config.leaseTtlMs,
    presenceSessions: new PresenceSessions(stores),
    roomAccessChanges: new RoomAccessChanges(),
    scheduleSeasonEnd: (season) => seasonJobs.schedule(season),
  };
  const leaderboard = leaderboardModule(dependencies);
  const domains = domainModules({
    leaderboard,
    chat: chatModule(dependencies),
    presence: presenceModule(dependencies),
    counter: counterModule(dependencies),
    user: userModule(dependencies, identity),
    session: sessionModule(identity),
    key: keyModule(identity),
  });

  const { channelsPerConnection } = config.limits;
  const hub = new Hub(bus, domains.channelSources, config.batchMs, config.queueLimits, channelsPerConnection);
  const connections = new Connections(new ConnectionCounts(config.limits.connections), {
    onClosed(connection) {
      identity.onConnectionClosed(connection);
      hub.drop(connection);
      domains.onConnectionClosed(connection);
    },
    onCallerChanged(connection) {
      identity.onCallerChanged(connection);
      hub.reviewRights(connection);
      domains.onRightsChanged(connection);
    },
  });
  const callLimits = new CallLimits(config.limits, commands, keys);
  const dispatcher = new Dispatcher(
    identity.authenticator,
    callLimits,
    {
      ...domains.operations,
      ...channelModule(hub).operations,
      ...authModule(identity.authenticator, connections).operations,
    },
    log,
  );

  const { app, addresses } = createHttpServer(config.trustedProxies, log);
  const node = { nodeId, version, channelsPerConnection };
  const services = {
    config,
    redis,
    keys,
    identity,
    addresses,
    callLimits,
    dispatcher,
    connections,
    hub,
    node,
  };
  const transports = new Transports(app, services);
  let isDraining = false;

  const close = async (): Promise<void> => {
    isDraining = true;
    await connections.closeAll("draining");
    await transports.stopLive();
    await Promise.all([domains.stop(), transports.close()]);
    await seasonJobs.close();
    identity.stop();
    bus.stop();
    await redis.close();
  };

  try {
    await Promise.all([bus.start(), seasonJobs.start(leaderboard)]);
    await bus.listen(keys.identity.topic, identity.revocations);
    await identity.start(connections);
    await domains.start(bus);
    await transports.register();
    health(app, { commands, bus, isDraining: () => isDraining });
    documents(app);
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
    slowConsumerCount: () => hub.slowConsumers.size,
    close,
  };
}
