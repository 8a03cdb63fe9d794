import type { FastifyInstance } from "fastify";
import type { Bus } from "../live/bus.js";
import type { RedisHealth } from "../redis/health.js";

/**
 * `/health/live`: the process answers. `/health/ready`: 200 when a load balancer should send clients here, else 503.
 * Failing writes alone leave it at 200: all nodes share the Redis, and this one still serves reads and live channels.
 */
export function health(
  app: FastifyInstance,
  { redisHealth, bus, isDraining }: { redisHealth: RedisHealth; bus: Bus; isDraining: () => boolean },
): void {
  app.get("/health/live", () => ({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    const { reads, writes } = await redisHealth.check();
    const required = { reads: reads === null, subscriptions: bus.isSynced, notDraining: !isDraining() };
    const isReady = Object.values(required).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? "ready" : "not ready",
      checks: { ...required, writes: writes === null },
      ...((reads ?? writes) !== null && { reason: reads ?? writes }),
    });
  });
}
