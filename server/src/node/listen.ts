import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.js";
import { urlOf } from "../transports/http/server.js";

/**
 * How many connections may wait until the node accepts them; the limit of the system applies too. After an outage all
 * clients reconnect at once. With Node's default of 511, the system would drop all further connections, and their
 * clients would try again after 1, 3 and 7 seconds.
 */
const BACKLOG = 4_096;

/** Opens the port of the settings. @returns the URL of the node */
export async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  await app.listen({ host, port, backlog: BACKLOG });
  return urlOf(app);
}
