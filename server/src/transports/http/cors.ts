import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";

/** Pages of this machine on any port, for development. */
export const loopbackOrigins = [/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/];

/** Allows pages of other origins to read the responses of this node. */
export async function crossOrigin(app: FastifyInstance, origins: (string | RegExp)[]): Promise<void> {
  await app.register(cors, {
    origin: origins,
    // Allows these pages to send the cookie of a session, and to read the responses.
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    exposedHeaders: ["RateLimit", "RateLimit-Policy", "Retry-After"],
  });
}
