import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.js";
import { urlOf } from "../transports/http/server.js";

/**
 * How many connections may wait until the node accepts them; the system's own bound applies too. After an outage all clients
 * return at once. With Node's default of 511 the system drops the others, and each tries again after 1, 3 and 7 seconds.
 */
const BACKLOG = 4_096;

/** Opens the port of the settings. @returns the URL */
export async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  await app.listen({ host, port, backlog: BACKLOG });
  return urlOf(app);
}
