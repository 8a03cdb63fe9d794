import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { Identity } from "./auth/identity.js";
import type { Config } from "./config/config.js";
import { parseRedisUrl } from "./config/redis-url.js";
import type { Connection } from "./core/connection.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import { AuditLog } from "./domains/admin/audit-log.js";
import { adminModule } from "./domains/admin/module.js";
import { NodeActivity } from "./domains/admin/node-activity.js";
import { NodeReporter } from "./domains/admin/node-reporter.js";
import { authModule } from "./domains/auth/module.js";
import { cacheModule } from "./domains/cache/module.js";
import { channelModule } from "./domains/channel/module.js";
import { ChatInboxes } from "./domains/chat/inboxes.js";
import { chatModule } from "./domains/chat/module.js";
import { counterModule } from "./domains/counter/module.js";
import { keyModule } from "./domains/key/module.js";
import { leaderboardModule } from "./domains/leaderboard/module.js";
import { limitModule } from "./domains/limit/module.js";
import { lockModule } from "./domains/lock/module.js";
import { presenceModule } from "./domains/presence/module.js";
import { sessionModule } from "./domains/session/module.js";
import type { DomainDependencies } from "./domains/shared/dependencies.js";
import { EventQueue } from "./domains/shared/event-queue.js";
import { domainModules } from "./domains/shared/module.js";
import { RoomAccessChanges } from "./domains/shared/room-access-changes.js";
import { userModule } from "./domains/user/module.js";
import { PresenceSessions } from "./domains/user/presence-sessions.js";
import { webhookModule } from "./domains/webhook/module.js";
import { OutboxMover } from "./domains/webhook/outbox-mover.js";
import { WebhookRegistry } from "./domains/webhook/registry.js";
import { WebhookSender } from "./domains/webhook/sender.js";
import { ErasureJobs } from "./jobs/erasure-jobs.js";
import { JobQueue } from "./jobs/job-queue.js";
import { SeasonJobs } from "./jobs/season-jobs.js";
import { WebhookJobs } from "./jobs/webhook-jobs.js";
import { CallLimits } from "./limits/call-limits.js";
import { ConnectionCounts } from "./limits/connection-counts.js";
import { CreationBudget } from "./limits/creation-budget.js";
import type { CountScope, PeerCounts } from "./limits/peer-counts.js";
import { Connections } from "./live/connections.js";
import { Hub } from "./live/hub.js";
import { observers } from "./observer/observer.js";
import { checkAtStart } from "./ops/check/start-check.js";
import { DescriptorWatch } from "./ops/descriptor-watch.js";
import { documents } from "./ops/documents.js";
import { health, type PortReadiness, type Readiness } from "./ops/health.js";
import type { MetricsData, WorkerMetrics } from "./ops/metrics/metrics.js";
import { NodeMetrics } from "./ops/metrics/node-metrics.js";
import { staticPages } from "./ops/pages.js";
import { RefusalLog } from "./ops/refusal-log.js";
import { rootPage } from "./ops/root.js";
import { startTraces } from "./ops/traces/traces.js";
import { version } from "./ops/version.js";
import { connectRedis } from "./redis/client.js";
import { RedisHealth } from "./redis/health.js";
import { Keys } from "./redis/keys.js";
import { Pace } from "./redis/pace.js";
import { createHttpServer, urlOf } from "./transports/http/server.js";
import type { EngineSessions } from "./transports/socketio/engine-sessions.js";
import { Transports } from "./transports/transports.js";

/** The other nodes behind the same port, when several run as workers of one process. */
export interface Peers {
  counts: PeerCounts;
  sessions: EngineSessions;
  /** What all workers tell, this one included. */
  all: {
    readiness(own: () => Promise<Readiness>): Promise<PortReadiness>;
    metrics(): Promise<WorkerMetrics[]>;
  };
}

/** One running node. */
export interface RunningNode {
  /** The URL at which it listens. */
  url: string;
  /** The URL of the metrics; null when they are not served. */
  metricsUrl: string | null;
  /** The number of live connections, over all transports. */
  connectionCount(): number;
  /** The number of channels with a local subscriber. */
  channelCount(): number;
  /** The number of slow consumers. */
  slowConsumerCount(): number;
  /** Whether this node can serve. */
  readiness(): Promise<Readiness>;
  /** What its metrics are now; empty when they are not served. */
  metrics(): Promise<MetricsData>;
  /** Ends the last connections that count for a user or a network. */
  closeNewest(scope: CountScope, key: string, count: number): void;
  /** Reports not ready from now on, and still serves: load balancers stop sending clients before the port closes. */
  drain(): void;
  /** Asks every client to reconnect elsewhere, finishes running calls, and closes the connections to Redis. */
  close(): Promise<void>;
}

/** How many jobs of upkeep a node runs at a time. */
const UPKEEP_CONCURRENCY = 10;

/**
 * Wires one node together and starts it. This is the only file that sees every part.
 * @param processLog each line of the node's log also has the id of the node
 */
export async function startNode(
  config: Config,
  redisUrl: string,
  processLog: Logger,
  nodeId = randomUUID() as string,
  peers?: Peers,
): Promise<RunningNode> {
  const { channelsPerConnection } = config.limits;

  // Observation
  const log = processLog.child({ node: nodeId });
  const metrics = new NodeMetrics(config);
  const traces = await startTraces(config.isTracing, { nodeId, version });
  const activity = new NodeActivity();
  const observer = observers([metrics.observer, activity, new RefusalLog(log)], traces.tracer);
  const descriptorWatch = new DescriptorWatch(log);

  // Redis
  const keys = new Keys(config.prefix, parseRedisUrl(redisUrl).db);
  const pace = new Pace(config.pace);
  const redis = await connectRedis(redisUrl, log, {
    waitMs: config.redisWaitMs,
    probeKey: keys.health,
    pace,
    sentinel: config.redisSentinel,
    isCluster: config.isRedisCluster,
    heartbeatTopic: (number) => keys.heartbeat(nodeId, number),
    // Commands are frequent: only who counts or traces them is told.
    observer: observers([metrics.observer], traces.tracer),
  });
  const { commands, topics, publishCommand } = redis;
  const redisHealth = new RedisHealth(commands, keys.health, log);
  const stores = { redis: commands, keys, publishCommand };

  // Services that domains use
  const identity = new Identity(config, commands, keys, publishCommand, log);
  const jobOptions = { redis: redis.jobs, prefix: keys.jobs, pace, log, observer };
  const upkeepQueue = new JobQueue("upkeep", jobOptions);
  const seasonJobs = new SeasonJobs(upkeepQueue, log);
  const erasureJobs = new ErasureJobs(upkeepQueue, log);

  // Webhooks
  const { secrets, allowedRanges } = config.webhooks;
  const registry = new WebhookRegistry({ ...stores, log }, config.webhooks);
  const sender = new WebhookSender(allowedRanges);
  const deliveries = new WebhookJobs(jobOptions, config.webhooks.pace, registry, sender);
  const outboxes = new OutboxMover({ ...stores, log }, registry, deliveries, config.webhooks.pace.sweepMs);
  const webhooks = { registry, outboxes, deliveries, sender, secrets };
  const events = new EventQueue(registry, outboxes);

  const dependencies: DomainDependencies = {
    ...stores,
    log,
    observer,
    pace,
    events,
    openRooms: config.openRooms,
    presenceGraceMs: config.presenceGraceMs,
    leaseTtlMs: config.leaseTtlMs,
    presenceSessions: new PresenceSessions({ ...stores, events }),
    roomAccessChanges: new RoomAccessChanges(),
    creationBudget: new CreationBudget(config.limits.creations, commands, keys),
    scheduleSeasonEnd: (season) => seasonJobs.schedule(season),
    scheduleErasure: (user, delayMs) => erasureJobs.schedule(user, delayMs),
  };

  // Domains
  const leaderboard = leaderboardModule(dependencies);
  const modules = {
    leaderboard,
    chat: chatModule(dependencies),
    presence: presenceModule(dependencies),
    counter: counterModule(dependencies),
    session: sessionModule(identity),
    key: keyModule(identity),
    cache: cacheModule(dependencies),
    lock: lockModule(dependencies),
    limit: limitModule(dependencies),
    webhook: webhookModule(dependencies, webhooks),
  };
  const withInboxes = { ...dependencies, inboxes: new ChatInboxes(dependencies, topics) };
  const user = userModule(withInboxes, identity, modules);
  const auditLog = new AuditLog(dependencies);
  const reporter = new NodeReporter(
    dependencies,
    { nodeId, version },
    {
      activity,
      channels: () => hub.channelCount,
      slowConsumers: () => hub.slowConsumers.size,
    },
    pace,
  );
  const admin = adminModule(dependencies, { nodeId, reporter, auditLog });
  const domains = domainModules({ ...modules, user, admin });

  // Connections and calls
  const { channelSources } = domains;
  const hub = new Hub(
    topics,
    channelSources,
    config.batchMs,
    config.queueLimits,
    channelsPerConnection,
    observer,
  );
  const connectionCounts = new ConnectionCounts(config.limits.connections, peers?.counts);
  const listeners = {
    onClosed(connection: Connection) {
      identity.onConnectionClosed(connection);
      hub.drop(connection);
      domains.onConnectionClosed(connection);
    },
    onCallerChanged(connection: Connection) {
      void pace.wake();
      identity.onCallerChanged(connection);
      hub.reviewRights(connection);
      domains.onRightsChanged(connection);
    },
  };
  const connections = new Connections(connectionCounts, listeners, observer);
  const callLimits = new CallLimits(config.limits, commands, keys);
  const { authenticator } = identity;
  const ofConnections = {
    ...channelModule(hub).operations,
    ...authModule(authenticator, connections).operations,
  };
  const handlers = { ...domains.operations, ...ofConnections };
  const dispatcher = new Dispatcher(authenticator, callLimits, handlers, auditLog, log, observer, pace);

  // Transports
  const { app, addresses } = createHttpServer(config.trustedProxies, log, observer);
  const calls = { callLimits, dispatcher, connections, hub, observer };
  const node = { nodeId, version, channelsPerConnection };
  const transports = new Transports(app, {
    config,
    redis,
    keys,
    identity,
    addresses,
    ...calls,
    node,
    sessions: peers?.sessions ?? null,
    auditor: auditLog,
  });
  let isDraining = false;
  const readiness = async (): Promise<Readiness> => {
    const { reads, writes } = await redisHealth.check();
    return {
      reads: reads === null,
      subscriptions: topics.isSynced,
      notDraining: !isDraining,
      writes: writes === null,
      reason: reads ?? writes,
    };
  };
  const readinessOfAll = async () => peers?.all.readiness(readiness) ?? { nodes: [await readiness()] };
  const drain = (): void => {
    isDraining = true;
    transports.drain();
  };
  const close = async (): Promise<void> => {
    drain();
    await transports.closePort();
    await connections.closeAll("draining");
    await transports.stopLive();
    await Promise.all([domains.stop(), transports.close()]);
    await Promise.all([upkeepQueue.close(), deliveries.close()]);
    pace.stop();
    identity.stop();
    topics.stop();
    redisHealth.stop();
    descriptorWatch.stop();
    await metrics.close();
    await redis.close();
    await traces.close();
  };

  metrics.readState({
    nodeId,
    version,
    connections,
    hub,
    topics,
    redis,
    redisHealth,
    isDraining: () => isDraining,
  });

  try {
    const { isProduction, allowedEviction } = config;
    await checkAtStart(redis.jobs, { keys, isProduction, allowedEviction }, log);
    redisHealth.start(pace);
    descriptorWatch.start(app.server);
    seasonJobs.handle(leaderboard);
    erasureJobs.handle(user);
    upkeepQueue.work(UPKEEP_CONCURRENCY);
    await Promise.all([topics.start(), seasonJobs.start()]);
    await topics.listen(keys.identity.topic, identity.revocations);
    await identity.start(connections, pace);
    deliveries.start(domains.eventReaders);
    await domains.start(topics);
    await transports.register();
    health(app, readinessOfAll);
    await metrics.serve(app, peers?.all.metrics);
    documents(app);
    if (config.webDir === null) rootPage(app);
    else await staticPages(app, config.webDir, () => identity.consoleSignIns.isEnabled());
    pace.start(() => connections.size > 0);
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: urlOf(app),
    metricsUrl: metrics.urlFor(urlOf(app)),
    connectionCount: () => connections.size,
    channelCount: () => hub.channelCount,
    slowConsumerCount: () => hub.slowConsumers.size,
    readiness,
    metrics: () => metrics.data(),
    closeNewest: (scope, key, count) => {
      const counted = [...connections].filter((one) => connectionCounts.isCountedFor(one, scope, key));
      // Some may have closed since they were counted.
      const surplus = Math.min(count, connectionCounts.above(scope, key));
      for (const connection of counted.reverse().slice(0, surplus)) connection.terminate();
    },
    drain,
    close,
  };
}
