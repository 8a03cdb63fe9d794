import type { Connections } from "../../live/connections.js";
import type { Hub } from "../../live/hub.js";
import type { LiveTransportName } from "../../observer/observer.js";
import type { RedisConnections } from "../../redis/client.js";
import type { RedisHealth } from "../../redis/health.js";
import type { Topics } from "../../redis/topics.js";
import type { Metrics } from "./metrics.js";

const liveTransports: LiveTransportName[] = ["websocket", "socketio", "sse"];

/** The parts of a node whose state is read when metrics are collected. */
export interface NodeState {
  nodeId: string;
  version: string;
  connections: Connections;
  hub: Hub;
  topics: Topics;
  redis: RedisConnections;
  redisHealth: RedisHealth;
  isDraining(): boolean;
}

/** Defines the gauges of a node. */
export function registerNodeGauges(metrics: Metrics, node: NodeState): void {
  const { connections, hub, topics, redis, redisHealth } = node;
  metrics.onCollect("grandstand_connections", () => {
    const counts = new Map(liveTransports.map((transport) => [transport, 0]));
    for (const { transport } of connections) counts.set(transport, counts.get(transport)! + 1);
    return [...counts].map(([transport, value]) => ({ labels: { transport }, value }));
  });
  metrics.onCollect("grandstand_queued_bytes", () => {
    let value = 0;
    for (const { queuedBytes } of connections) value += queuedBytes;
    return [{ value }];
  });
  metrics.onCollect("grandstand_slow_consumers", () => [{ value: hub.slowConsumers.size }]);
  metrics.onCollect("grandstand_channels", () => [{ value: hub.channelCount }]);
  metrics.onCollect("grandstand_subscriptions", () =>
    [...hub.subscriptionCounts()].map(([kind, value]) => ({ labels: { kind }, value })),
  );
  metrics.onCollect("grandstand_bus_synced", () => [{ value: Number(topics.isSynced) }]);
  metrics.onCollect("grandstand_bus_topics", () => [{ value: topics.topicCount }]);
  metrics.onCollect("grandstand_redis_connection_up", () =>
    Object.entries(redis.readiness).map(([connection, isReady]) => ({
      labels: { connection },
      value: Number(isReady),
    })),
  );
  metrics.onCollect("grandstand_redis_serves", () => {
    const { reads, writes } = redisHealth.failures;
    return [
      { labels: { access: "reads" }, value: Number(reads === null) },
      { labels: { access: "writes" }, value: Number(writes === null) },
    ];
  });
  const { nodeId, version } = node;
  metrics.onCollect("grandstand_node_info", () => [{ labels: { node: nodeId, version }, value: 1 }]);
  metrics.onCollect("grandstand_draining", () => [{ value: Number(node.isDraining()) }]);
}
