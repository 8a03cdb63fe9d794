import { createConnection } from "node:net";

/**
 * Makes Redis answer no commands for a time: new connections are accepted, and commands wait. Redis ends the pause by
 * itself, also when this process is gone.
 *
 * @param {string} socketPath the unix socket of Redis
 * @returns {Promise<void>} resolves when the pause has begun; rejects when Redis refuses it
 */
export function pauseRedis(socketPath, pauseMs) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    socket.on("connect", () => socket.write(`CLIENT PAUSE ${pauseMs} ALL\r\n`));
    socket.on("data", (reply) => {
      socket.destroy();
      const text = reply.toString().trim();
      if (text === "+OK") resolve();
      else reject(new Error(`Redis refused CLIENT PAUSE: ${text}`));
    });
    socket.on("error", reject);
  });
}
