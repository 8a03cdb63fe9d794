import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { Identity } from "./auth/identity.js";
import type { Config } from "./config/config.js";
import { parseRedisUrl } from "./config/redis-url.js";
import type { Connection } from "./core/connection.js";
import type { Handler } from "./core/handler.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import { AuditLog } from "./domains/admin/audit-log.js";
import { NodeActivity } from "./domains/admin/node-activity.js";
import { NodeReporter } from "./domains/admin/node-reporter.js";
import { Traces } from "./domains/admin/traces.js";
import { authModule } from "./domains/auth/module.js";
import { channelModule } from "./domains/channel/module.js";
import type { DomainDependencies } from "./domains/shared/dependencies.js";
import { RoomAccessChanges } from "./domains/shared/room-access-changes.js";
import { PresenceSessions } from "./domains/user/presence-sessions.js";
import { operatorJobs } from "./jobs/operator-jobs.js";
import { UpkeepJobs } from "./jobs/upkeep-jobs.js";
import { CallLimits } from "./limits/call-limits.js";
import { ConnectionCounts } from "./limits/connection-counts.js";
import { CreationBudget } from "./limits/creation-budget.js";
import { Connections } from "./live/connections.js";
import { Hub } from "./live/hub.js";
import { composeDomains } from "./node/domains.js";
import { hookServices } from "./node/hook-services.js";
import { listen } from "./node/listen.js";
import type { NodeOptions, RunningNode } from "./node/running-node.js";
import { webhookServices } from "./node/webhook-services.js";
import { observers } from "./observer/observer.js";
import { checkAtStart } from "./ops/check/start-check.js";
import { DescriptorWatch } from "./ops/descriptor-watch.js";
import { documents } from "./ops/documents.js";
import { health, readinessOf } from "./ops/health.js";
import { NodeMetrics } from "./ops/metrics/node-metrics.js";
import { staticPages } from "./ops/pages.js";
import { RefusalLog } from "./ops/refusal-log.js";
import { rootPage } from "./ops/root.js";
import { startTraces } from "./ops/traces/traces.js";
import { version } from "./ops/version.js";
import { Profiles } from "./profiles/profiles.js";
import { connectRedis } from "./redis/client.js";
import { RedisHealth } from "./redis/health.js";
import { Keys } from "./redis/keys.js";
import { Pace } from "./redis/pace.js";
import { createHttpServer } from "./transports/http/server.js";
import { Transports } from "./transports/transports.js";

/**
 * Wires one node together and starts it. This is the only file that sees every part.
 * @param processLog each line of the node's log also has the id of the node
 */
export async function startNode(
  config: Config,
  redisUrl: string,
  processLog: Logger,
  { nodeId = randomUUID(), peers, hooks: ownHooks, open = listen }: NodeOptions = {},
): Promise<RunningNode> {
  const { channelsPerConnection } = config.limits;

  // Observation
  const log = processLog.child({ node: nodeId });
  const metrics = new NodeMetrics(config);
  const traces = await startTraces(config.isTracing, { nodeId, version });
  const activity = new NodeActivity();
  const observer = observers([metrics.observer, activity, new RefusalLog(log)], traces.tracer);
  const descriptorWatch = new DescriptorWatch(log);
  const hooks = hookServices(ownHooks, config.hooks, log, observer);

  // Redis
  const keys = new Keys(config.prefix, parseRedisUrl(redisUrl).db);
  const pace = new Pace(config.pace);
  const redis = await connectRedis(redisUrl, log, {
    waitMs: config.redisWaitMs,
    probeKey: keys.health,
    pace,
    sentinel: config.redisSentinel,
    isCluster: config.isRedisCluster,
    waitReplicas: config.waitReplicas,
    heartbeatTopic: (number) => keys.heartbeat(nodeId, number),
    // Commands are frequent, so only the observers that use them receive them.
    observer: observers([metrics.observer], traces.tracer),
  });
  const { commands, topics, publishCommand } = redis;
  const redisHealth = new RedisHealth(commands, keys.health, log);
  const stores = { redis: commands, keys, publishCommand };

  // Services that domains use
  const identity = new Identity(config, commands, keys, publishCommand, log);
  const profiles = new Profiles({ ...stores, log }, config.profiles);
  const jobOptions = { redis: redis.jobs, prefix: keys.jobs, pace, log, observer };
  const upkeep = new UpkeepJobs(jobOptions);
  const webhooks = webhookServices(stores, config.webhooks, jobOptions, profiles);
  const { events, deliveries } = webhooks;

  const operatorTraces = new Traces({ ...stores, log }, nodeId);

  const dependencies: DomainDependencies = {
    ...stores,
    traces: operatorTraces,
    log,
    observer,
    pace,
    events,
    profiles,
    openRooms: config.openRooms,
    presenceGraceMs: config.presenceGraceMs,
    leaseTtlMs: config.leaseTtlMs,
    presenceSessions: new PresenceSessions({ ...stores, events }),
    roomAccessChanges: new RoomAccessChanges(),
    creationBudget: new CreationBudget(config.limits.creations, commands, keys),
    scheduleSeasonEnd: (season) => upkeep.seasons.schedule(season),
    scheduleErasure: (user, delayMs) => upkeep.erasures.schedule(user, delayMs),
  };

  // Domains
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
  const ofConsole = {
    nodeId,
    reporter,
    auditLog,
    jobs: operatorJobs(upkeep, deliveries),
    traces: operatorTraces,
  };
  const { leaderboard, user, domains } = composeDomains(dependencies, {
    identity,
    topics,
    webhooks,
    ofConsole,
  });

  // Connections and calls
  const { channelSources } = domains;
  const hub = new Hub(
    topics,
    channelSources,
    config.batchMs,
    config.queueLimits,
    channelsPerConnection,
    observer,
    profiles,
    operatorTraces,
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
      profiles.note(connection.caller);
      identity.onCallerChanged(connection);
      hub.reviewRights(connection);
      domains.onRightsChanged(connection);
    },
  };
  const connections = new Connections(connectionCounts, listeners, observer);
  const callLimits = new CallLimits(config.limits, commands, keys);
  const { authenticator } = identity;
  // The user's own channel keeps the list up to date.
  const roomsOf: Handler<"chat.rooms"> = async (input, call) => {
    const page = await domains.operations["chat.rooms"](input, call);
    if (call.connection) hub.noteShown(call.connection, "user", page);
    return page;
  };
  const ofConnections = {
    ...channelModule(hub).operations,
    ...authModule(authenticator, connections, hooks.gate).operations,
  };
  const handlers = { ...domains.operations, ...ofConnections, "chat.rooms": roomsOf };
  const dispatcher = new Dispatcher(
    authenticator,
    callLimits,
    handlers,
    auditLog,
    log,
    observer,
    pace,
    hooks.gate,
    profiles,
  );

  // Transports
  const { app, addresses } = createHttpServer(config.trustedProxies, log, observer);
  const calls = { callLimits, dispatcher, connections, hub, observer, hooks: hooks.gate };
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
  const readiness = () => readinessOf(redisHealth, topics, isDraining);
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
    await Promise.all([upkeep.close(), deliveries.close()]);
    hooks.close();
    pace.stop();
    identity.stop();
    profiles.stop();
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

  let url: string;
  try {
    const { isProduction, allowedEviction, waitReplicas } = config;
    await checkAtStart(redis.jobs, { keys, isProduction, allowedEviction, waitReplicas }, log);
    redisHealth.start(pace);
    descriptorWatch.start(app.server);
    await Promise.all([topics.start(), upkeep.start(leaderboard, user)]);
    await topics.listen(keys.identity.topic, identity.revocations);
    await identity.start(connections, pace);
    await profiles.start(topics);
    deliveries.start(domains.eventReaders);
    await domains.start(topics);
    await transports.register();
    health(app, readinessOfAll);
    await metrics.serve(app, peers?.all.metrics);
    documents(app);
    if (config.webDir === null) rootPage(app);
    else await staticPages(app, config.webDir, () => identity.consoleSignIns.isEnabled());
    pace.start(() => connections.size > 0);
    url = await open(app, config);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    metricsUrl: url === "" ? null : metrics.urlFor(url),
    connectionCount: () => connections.size,
    channelCount: () => hub.channelCount,
    slowConsumerCount: () => hub.slowConsumers.size,
    readiness,
    metrics: () => metrics.data(),
    closeNewest: (scope, key, count) => connections.closeNewest(scope, key, count),
    drain,
    close,
  };
}
