import { createConnection } from "node:net";

/**
 * The reaction of a Redis socket to PING:
 * - `absent`: nothing listens;
 * - `ready`: Redis serves commands;
 * - `loading`: Redis replies with an error, for example while it loads its data;
 * - `silent`: something listens without answering in time, such as a Redis that saves before it exits.
 */
export type RedisProbe = "absent" | "ready" | "loading" | "silent";

const REPLY_TIMEOUT_MS = 1_000;

/** Sends PING to a unix socket. Never rejects. */
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
    // If Redis exits during the probe, the connection is reset. The next probe finds Redis absent.
    socket.on("error", () => settle(isConnected ? "silent" : "absent"));
    socket.on("close", () => settle(isConnected ? "silent" : "absent"));
  });
}
