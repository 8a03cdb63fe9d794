import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/**
 * Serves a built page at `/`, with headers that forbid content of other origins. Its assets have a hash in their names,
 * so browsers may keep them for ever.
 * @throws when the folder does not exist.
 */
export async function staticPages(app: FastifyInstance, webDir: string): Promise<void> {
  const root = resolve(webDir);
  if (!existsSync(root)) throw new Error(`GRANDSTAND_WEB: there is no folder ${root}`);
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
      // TLS ends at a proxy, which decides this.
      strictTransportSecurity: false,
    });
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
