import type { FastifyInstance } from "fastify";
import { Handover } from "./handover.js";
import { type StartOptions, start } from "./start-node.js";

/** What the plugin can serve besides `/v1` and `/socket.io`. */
const extraRoutes = {
  health: ["/health/*"],
  metrics: ["/metrics"],
  documents: ["/openapi.json", "/asyncapi.json", "/docs", "/docs/*"],
};

export interface FastifyOptions extends StartOptions {
  /** What is served besides `/v1` and `/socket.io`. By default health, metrics and documents. */
  serve?: readonly (keyof typeof extraRoutes)[];
}

/** The longest wait for Redis at the start, as a share of Fastify's `pluginTimeout`. */
const WAIT_SHARE = 0.8;

/**
 * A Fastify plugin that runs a node within an app's own server. The node starts with the app and stops with it. Register the
 * plugin without a prefix, because clients expect the paths `/v1` and `/socket.io`.
 *
 *     await app.register(grandstand, { hooks });
 */
export async function grandstand(app: FastifyInstance, options: FastifyOptions = {}): Promise<void> {
  const { serve = Object.keys(extraRoutes) as (keyof typeof extraRoutes)[] } = options;
  if (app.prefix !== "") throw new TypeError("Register grandstand without a prefix: clients know its paths");
  const unknown = serve.find((name) => !Object.hasOwn(extraRoutes, name));
  if (unknown !== undefined) {
    throw new TypeError(`serve: ${unknown} must be one of ${Object.keys(extraRoutes).join(", ")}`);
  }
  const { pluginTimeout = 10_000 } = app.initialConfig;
  const handover = new Handover();
  const node = await start(options, {
    open: handover.open,
    ...(pluginTimeout > 0 && { redisWaitMs: Math.floor(pluginTimeout * WAIT_SHARE) }),
  });
  // Live connections would keep the app's server open, so the node closes before the server does.
  app.addHook("preClose", () => node.close());

  // The node parses request bodies itself, so the app's Fastify must not read them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  const paths = ["/v1/*", "/socket.io/*", ...serve.flatMap((name) => extraRoutes[name])];
  for (const url of paths) {
    app.all(url, (request, reply) => {
      reply.hijack();
      handover.request(request.raw, reply.raw);
    });
  }
  handover.takeUpgrades(app.server);
}
