import { createConnection } from "node:net";

/**
 * What a Redis socket says to PING:
 * - `absent`: nothing listens there;
 * - `ready`: it serves commands;
 * - `loading`: it runs, and reads its data from disk (LOADING), or refuses for another passing reason;
 * - `silent`: something listens and doesn't answer in time, as Redis does while it saves on its way out.
 */
export type RedisProbe = "absent" | "ready" | "loading" | "silent";

const REPLY_TIMEOUT_MS = 1_000;

/** Asks the Redis behind a unix socket how it is. Never rejects. */
export function probeRedis(socketPath: string): Promise<RedisProbe> {
  return new Promise((resolve) => {
    let isConnected = false;
    const socket = createConnection({ path: socketPath });
    const settle = (probe: RedisProbe): void => {
      clearTimeout(timeout);
      socket.destroy();
      resolve(probe);
    };
    const timeout = setTimeout(() => settle("silent"), REPLY_TIMEOUT_MS);
    socket.on("connect", () => {
      isConnected = true;
      socket.write("PING\r\n");
    });
    socket.on("data", (reply) => settle(reply.toString().startsWith("+PONG") ? "ready" : "loading"));
    // A Redis that ends while asked resets the connection: the next probe finds it absent.
    socket.on("error", () => settle(isConnected ? "silent" : "absent"));
    socket.on("close", () => settle(isConnected ? "silent" : "absent"));
  });
}
