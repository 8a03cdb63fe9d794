import type { FastifyInstance } from "fastify";
import type { RedisHealth } from "../redis/health.js";
import type { Topics } from "../redis/topics.js";

/** Whether a node can serve, and why not. */
export interface Readiness {
  /** Redis answers reads. */
  reads: boolean;
  subscriptions: boolean;
  notDraining: boolean;
  /**
   * Redis accepts writes. A node is ready even without writes: it serves reads and live channels, and another
   * node could not write either, because all nodes share the Redis.
   */
  writes: boolean;
  /** Why reads or writes fail: `no reply`, `A worker does not answer`, or an error code of Redis such as `OOM`. */
  reason: string | null;
}

export async function readinessOf(
  redisHealth: RedisHealth,
  topics: Topics,
  isDraining: boolean,
): Promise<Readiness> {
  const { reads, writes } = await redisHealth.check();
  return {
    reads: reads === null,
    subscriptions: topics.isSynced,
    notDraining: !isDraining,
    writes: writes === null,
    reason: reads ?? writes,
  };
}

/**
 * The readiness of the nodes that listen on this port. When there are several workers and their primary process does not
 * answer, `nodes` has only this node.
 */
export interface PortReadiness {
  nodes: Readiness[];
  /** With several workers: how many listen, and how many there should be. Absent when the primary does not answer. */
  workers?: { running: number; of: number };
}

/**
 * Serves `/health/live`, which shows that the process answers, and `/health/ready`: 200
 * when a load balancer should send clients to this port, else 503. With several workers,
 * all that listen must be ready, because any of them may get the next connection.
 */
export function health(app: FastifyInstance, check: () => Promise<PortReadiness>): void {
  app.get("/health/live", () => ({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    const { nodes, workers } = await check();
    const all = (claim: "reads" | "subscriptions" | "notDraining" | "writes") =>
      nodes.every((node) => node[claim]);
    const required = {
      reads: all("reads"),
      subscriptions: all("subscriptions"),
      notDraining: all("notDraining"),
    };
    const isReady = Object.values(required).every(Boolean);
    const reason = nodes.find((node) => node.reason !== null)?.reason;
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? "ready" : "not ready",
      checks: { ...required, writes: all("writes") },
      ...(reason !== undefined && { reason }),
      ...(workers && { workers }),
    });
  });
}
