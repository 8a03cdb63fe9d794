import { fastify } from "fastify";
import { Redis } from "ioredis";
import type { ReadRun } from "../grandstand/read-run.js";

/**
 * A bare server to compare Grandstand's reads with. Each route runs the Redis script of one read and replies with a fixed
 * body. There are no credentials, no validation, no contract and no errors. A Grandstand node has the same `commandTimeout`.
 */
const redis = new Redis(process.env.REDIS_URL!, { commandTimeout: 2_500 });
const runs = JSON.parse(process.env.READ_RUNS!) as Record<string, ReadRun>;

const app = fastify();
for (const [name, { sha, keys, args, varied, body }] of Object.entries(runs)) {
  const bytes = Buffer.from(body);
  app.get(`/${name}/:value`, async (request, reply) => {
    const { value } = request.params as { value: string };
    await redis.callBuffer("EVALSHA", sha, keys.length, ...keys, ...args.with(varied, value));
    return reply.type("application/json; charset=utf-8").send(bytes);
  });
}
await app.listen({ host: process.env.HOST!, port: Number(process.env.PORT) });
