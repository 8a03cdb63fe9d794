import type { FastifyInstance } from "fastify";
import { asyncApi } from "./asyncapi.js";
import { openApi } from "./openapi.js";
import { version } from "./version.js";

/** `/openapi.json` and `/asyncapi.json`: the contract for other languages and their tools. */
export function documents(app: FastifyInstance): void {
  const openApiJson = JSON.stringify(openApi(version));
  const asyncApiJson = JSON.stringify(asyncApi(version));
  app.get("/openapi.json", (_request, reply) => reply.type("application/json").send(openApiJson));
  app.get("/asyncapi.json", (_request, reply) => reply.type("application/json").send(asyncApiJson));
}
