import { join, resolve } from "node:path";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance } from "fastify";
import { CONSOLE_IS_OFF } from "../transports/console/console.js";

/**
 * Serves a built page at `/`. A content security policy lets the page load resources only from this origin. The names of
 * the page's assets contain a hash, so browsers may cache the assets forever.
 */
export async function staticPages(
  app: FastifyInstance,
  webDir: string,
  isConsoleEnabled: () => Promise<boolean>,
): Promise<void> {
  const root = resolve(webDir);
  const assets = join(root, "assets");
  await app.register(async (pages) => {
    await pages.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          "default-src": ["'self'"],
          "base-uri": ["'none'"],
          "form-action": ["'self'"],
          "frame-ancestors": ["'none'"],
          "object-src": ["'none'"],
        },
      },
      // A proxy terminates TLS and sets this header.
      strictTransportSecurity: false,
    });
    pages.addHook("onRequest", async ({ url }) => {
      if (/^\/console([/?]|$)/.test(url) && !(await isConsoleEnabled()))
        throw new GrandstandError("not_found", CONSOLE_IS_OFF);
    });
    pages.get("/console", (_request, reply) =>
      reply.header("cache-control", "no-cache").sendFile("console/index.html"),
    );
    await pages.register(fastifyStatic, {
      root,
      dotfiles: "ignore",
      cacheControl: false,
      setHeaders: (response, path) => {
        const lifetime = path.startsWith(assets) ? "public, max-age=31536000, immutable" : "no-cache";
        response.setHeader("cache-control", lifetime);
      },
    });
  });
}
