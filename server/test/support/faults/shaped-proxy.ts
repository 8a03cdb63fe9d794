import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

/**
 * A TCP proxy between a node and Redis. It can delay replies, and drop replies on the connections that are
 * open.
 */
export interface ShapedProxy {
  url: string;
  delay(ms: number): void;
  /** Drops all replies on the open connections, without closing them. Commands still reach Redis. */
  dropReplies(): void;
  close(): Promise<void>;
}

export async function shapedProxy(socketPath: string): Promise<ShapedProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  /** Connections are numbered from 1. Those up to this number get no replies. */
  let lastSilent = 0;
  let opened = 0;
  const server = createServer((client) => {
    opened += 1;
    const number = opened;
    const upstream = createConnection(socketPath);
    let written = Promise.resolve();
    client.pipe(upstream);
    upstream.on("data", (bytes) => {
      if (number <= lastSilent) return;
      const due = delayMs === 0 ? null : setTimeout(delayMs);
      // Each reply waits for the one before, so that replies stay in order when the delay changes.
      written = written.then(async () => {
        await due;
        if (client.writable) client.write(bytes);
      });
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: (ms) => {
      delayMs = ms;
    },
    dropReplies: () => {
      lastSilent = opened;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
