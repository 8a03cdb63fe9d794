import type { FastifyInstance } from "fastify";
import type { RedisHealth } from "../redis/health.js";
import type { Topics } from "../redis/topics.js";

/**
 * `/health/live`: the process answers. `/health/ready`: 200 when a load balancer should send clients here, else 503.
 * Failing writes alone leave it at 200: all nodes share the Redis, and this one still serves reads and live channels.
 */
export function health(
  app: FastifyInstance,
  {
    redisHealth,
    topics,
    isDraining,
  }: { redisHealth: RedisHealth; topics: Topics; isDraining: () => boolean },
): void {
  app.get("/health/live", () => ({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    const { reads, writes } = await redisHealth.check();
    const required = { reads: reads === null, subscriptions: topics.isSynced, notDraining: !isDraining() };
    const isReady = Object.values(required).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? "ready" : "not ready",
      checks: { ...required, writes: writes === null },
      ...((reads ?? writes) !== null && { reason: reads ?? writes }),
    });
  });
}
