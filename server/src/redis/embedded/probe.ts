import { createConnection } from "node:net";

/**
 * The reply of a Redis socket to PING:
 * - `absent`: nothing listens there;
 * - `ready`: it serves commands;
 * - `loading`: it reads its data from disk (LOADING), or refuses for another temporary reason;
 * - `silent`: something listens and does not reply in time, as Redis does while it saves before its exit.
 */
export type RedisProbe = "absent" | "ready" | "loading" | "silent";

const REPLY_TIMEOUT_MS = 1_000;

/** Probes the Redis behind a unix socket. Never rejects. */
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
    // A Redis that exits meanwhile resets the connection: the next probe finds it absent.
    socket.on("error", () => settle(isConnected ? "silent" : "absent"));
    socket.on("close", () => settle(isConnected ? "silent" : "absent"));
  });
}
