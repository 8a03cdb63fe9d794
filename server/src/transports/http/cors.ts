import cors from "@fastify/cors";
import type { FastifyInstance } from "fastify";

/** Pages of this machine, whatever their port: what a developer's browser shows. */
export const loopbackOrigins = [/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/];

/** Which pages of other origins may read this node's answers. */
export async function crossOrigin(app: FastifyInstance, origins: (string | RegExp)[]): Promise<void> {
  await app.register(cors, {
    origin: origins,
    // So that they may send the cookie of a session, and read what is answered to it.
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    exposedHeaders: ["RateLimit", "RateLimit-Policy", "Retry-After"],
  });
}
