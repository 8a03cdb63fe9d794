import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { asyncApi } from "./asyncapi.js";
import { openApi } from "./openapi.js";
import { version } from "./version.js";

/** As for every page; the icons of the API reference are data URLs in its style sheet. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/**
 * `/openapi.json` and `/asyncapi.json`: the contract for other languages and their tools. `/docs` shows the first one as
 * a page, which loads nothing from elsewhere.
 */
export function documents(app: FastifyInstance): void {
  const openApiJson = JSON.stringify(openApi(version));
  const asyncApiJson = JSON.stringify(asyncApi(version));
  app.get("/openapi.json", (_request, reply) => reply.type("application/json").send(openApiJson));
  app.get("/asyncapi.json", (_request, reply) => reply.type("application/json").send(asyncApiJson));
  void app.register(async (reference) => {
    await reference.register(swagger, {
      mode: "static",
      specification: { document: JSON.parse(openApiJson) },
    });
    await reference.register(swaggerUi, {
      routePrefix: "/docs",
      staticCSP: CONTENT_SECURITY_POLICY,
      // The standalone layout brings an inline style, which the policy forbids.
      uiConfig: {
        url: "/openapi.json",
        layout: "BaseLayout",
        docExpansion: "list",
        defaultModelsExpandDepth: 0,
      },
    });
  });
}
