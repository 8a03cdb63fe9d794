import type { FastifyInstance } from "fastify";
import type { Redis } from "ioredis";
import type { Bus } from "../live/bus.js";

/**
 * `/health/live`: the process answers. `/health/ready`: it can serve, so a load balancer may send it clients;
 * else 503 with what is missing.
 */
export function health(
  app: FastifyInstance,
  { commands, bus, isDraining }: { commands: Redis; bus: Bus; isDraining: () => boolean },
): void {
  app.get("/health/live", () => ({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    const checks = {
      redis: await commands.ping().then(
        () => true,
        () => false,
      ),
      subscriptions: bus.isSynced,
      notDraining: !isDraining(),
    };
    const isReady = Object.values(checks).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
  });
}
