import { existsSync, readFileSync } from "node:fs";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { asyncApi } from "./asyncapi.js";
import { openApi } from "./openapi.js";
import { referenceTheme } from "./reference-theme.js";
import { version } from "./version.js";

/**
 * Differs from the policy of the other pages (pages.ts) in that images may be data URLs: the style sheet of the API
 * reference contains its icons as data URLs.
 */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/**
 * Serves `/openapi.json` and `/asyncapi.json`: the contract for tools and for clients that are not written in TypeScript.
 * `/docs` shows the OpenAPI document as a page, which loads nothing from other servers.
 */
export function documents(app: FastifyInstance): void {
  const openApiJson = textOf("openapi.json", openApi);
  const asyncApiJson = textOf("asyncapi.json", asyncApi);
  app.get("/openapi.json", (_request, reply) => reply.type("application/json").send(openApiJson));
  app.get("/asyncapi.json", (_request, reply) => reply.type("application/json").send(asyncApiJson));
  void app.register(async (reference) => {
    await reference.register(swagger, {
      mode: "static",
      specification: { document: JSON.parse(openApiJson) },
    });
    await reference.register(swaggerUi, {
      routePrefix: "/docs",
      theme: referenceTheme,
      staticCSP: CONTENT_SECURITY_POLICY,
      // The standalone layout contains an inline style, which the policy forbids.
      uiConfig: {
        url: "/openapi.json",
        layout: "BaseLayout",
        docExpansion: "list",
        defaultModelsExpandDepth: 0,
      },
    });
  });
}

/** The documents that this process has read or made, by file name. */
const texts = new Map<string, string>();

/**
 * Reads a document that the build has written, because making it costs 0.2 s of CPU at each start. A node that runs from
 * source has no such file, so it makes the document itself.
 */
function textOf(name: string, make: (version: string) => object): string {
  const file = new URL(`./${name}`, import.meta.url);
  const text =
    texts.get(name) ?? (existsSync(file) ? readFileSync(file, "utf8") : JSON.stringify(make(version)));
  texts.set(name, text);
  return text;
}
