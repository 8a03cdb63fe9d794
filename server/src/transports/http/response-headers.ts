import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the client, as far as trusted proxies tell it. */
    readonly address: string;
  }
}

/** For all answers: they are what they say they are, and no other page embeds them. */
const always = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** For what callers are told: it is theirs alone, some of it a secret, and nothing that a browser should show or keep. */
const ofOperations = {
  ...always,
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Gives every answer the headers that keep browsers from making more of it than it is. */
export function protectAnswers(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(request.url.startsWith("/v1/") ? ofOperations : always);
    done();
  });
}
