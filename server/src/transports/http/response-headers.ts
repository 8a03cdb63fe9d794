import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** The address of the client, as trusted proxies report it. */
    readonly address: string;
  }
}

/** For all responses: no content sniffing, and no embedding by other pages. */
const always = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** For API responses: they are private, may contain secrets, and are neither cached nor rendered. */
const ofOperations = {
  ...always,
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Adds security headers to every response. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(request.url.startsWith("/v1/") ? ofOperations : always);
    done();
  });
}
