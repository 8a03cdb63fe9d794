import { fastify } from "fastify";
import { Redis } from "ioredis";
import { evalshaArguments, type ScriptRun } from "../grandstand/script-run.js";
import type { Score } from "../load/scores.js";

/**
 * A server with one route, which submits a score with Grandstand's script. It checks neither credentials nor the body.
 * Errors get Fastify's default response. The connection to Redis has the command timeout of a Grandstand node.
 */
const redis = new Redis(process.env.REDIS_URL!, { commandTimeout: 2_500 });
const run = JSON.parse(process.env.SCRIPT_RUN!) as ScriptRun;

const app = fastify();
app.post("/scores", (request) => redis.evalsha(...evalshaArguments(run, [request.body as Score])));
await app.listen({ host: process.env.HOST!, port: Number(process.env.PORT) });
