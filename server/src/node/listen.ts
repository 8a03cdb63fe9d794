import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.js";
import { urlOf } from "../transports/http/server.js";

/** Opens the port of the settings. @returns the URL */
export async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  await app.listen({ host, port });
  return urlOf(app);
}
