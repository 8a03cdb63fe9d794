import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "./config/config.js";
import { AuditLog } from "./domains/admin/audit-log.js";
import { NodeReporter } from "./domains/admin/node-reporter.js";
import { operatorJobs } from "./jobs/operator-jobs.js";
import { composeDomains } from "./node/domains.js";
import { hookServices } from "./node/hook-services.js";
import { listen } from "./node/listen.js";
import { liveServices } from "./node/live-services.js";
import { startObservation } from "./node/observation.js";
import { redisServices } from "./node/redis-services.js";
import type { NodeOptions, RunningNode } from "./node/running-node.js";
import { sharedServices } from "./node/shared-services.js";
import { checkAtStart } from "./ops/check/start-check.js";
import { documents } from "./ops/documents.js";
import { health, readinessOf } from "./ops/health.js";
import { staticPages } from "./ops/pages.js";
import { rootPage } from "./ops/root.js";
import { version } from "./ops/version.js";
import { createHttpServer } from "./transports/http/server.js";
import { Transports } from "./transports/transports.js";

/**
 * Constructs the parts of one node, connects them and starts the node. Only this file and `node/` import all layers.
 * @param processLog the log of the process. The node's log adds the id of the node to each line
 */
export async function startNode(
  config: Config,
  redisUrl: string,
  processLog: Logger,
  { nodeId = randomUUID(), workers, hooks: ownHooks, open = listen }: NodeOptions = {},
): Promise<RunningNode> {
  const about = { nodeId, version };
  const observation = await startObservation(config, processLog, nodeId);
  const { log, metrics, observer } = observation;
  const hooks = hookServices(ownHooks, config.hooks, log, observer);
  const redis = await redisServices(config, redisUrl, nodeId, observation);
  const { topics, keys, pace, redisHealth } = redis;
  const shared = sharedServices(config, nodeId, observation, redis);
  const { identity, profiles, upkeep, webhooks, operatorTraces, dependencies } = shared;

  // Domains
  const auditLog = new AuditLog(dependencies);
  const state = {
    activity: observation.activity,
    channels: () => hub.channelCount,
    slowConsumers: () => hub.slowConsumers.size,
  };
  const reporter = new NodeReporter(dependencies, about, state, pace);
  const jobs = operatorJobs(upkeep, webhooks.deliveries);
  const ofConsole = { nodeId, reporter, auditLog, jobs, traces: operatorTraces };
  const services = { identity, topics, webhooks, ofConsole };
  const { leaderboard, user, domains } = composeDomains(dependencies, services);

  // Connections and calls
  const parts = { observation, redis, shared, domains, auditLog, hooks: hooks.gate };
  const live = liveServices(config, parts, workers?.counts);
  const { hub, connections } = live;

  // Transports
  const { app, addresses } = createHttpServer(config.trustedProxies, log, observer);
  const transports = new Transports(app, {
    config,
    redis: redis.redis,
    keys,
    identity,
    addresses,
    ...live,
    node: { ...about, channelsPerConnection: config.limits.channelsPerConnection },
    sessions: workers?.sessions ?? null,
    auditor: auditLog,
  });

  let isDraining = false;
  const readiness = () => readinessOf(redisHealth, topics, isDraining);
  const readinessOfAll = async () => workers?.all.readiness(readiness) ?? { nodes: [await readiness()] };
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
    await Promise.all([upkeep.close(), webhooks.deliveries.close()]);
    for (const part of [pace, identity, profiles, topics, redisHealth, observation.descriptorWatch])
      part.stop();
    hooks.close();
    await metrics.close();
    await redis.redis.close();
    await observation.traces.close();
  };

  const shown = { connections, hub, topics, redis: redis.redis, redisHealth };
  metrics.registerNodeGauges({ ...about, ...shown, isDraining: () => isDraining });

  let url: string;
  try {
    const { isProduction, allowedEviction, waitReplicas } = config;
    await checkAtStart(redis.redis.jobs, { keys, isProduction, allowedEviction, waitReplicas }, log);
    redisHealth.start(pace);
    observation.descriptorWatch.start(app.server);
    await Promise.all([topics.start(), upkeep.start(leaderboard, user)]);
    await topics.listen(keys.identity.topic, identity.revocations);
    await identity.start(connections, pace);
    await profiles.start(topics);
    webhooks.deliveries.start(domains.eventReaders);
    await domains.start(topics);
    await transports.register();
    health(app, readinessOfAll);
    await metrics.serve(app, workers?.all.metrics);
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
