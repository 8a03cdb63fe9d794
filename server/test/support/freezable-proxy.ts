import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A TCP proxy in front of Redis that can stop forwarding without closing, like a network that drops packets. */
export interface FreezableProxy {
  url: string;
  /** Stops forwarding on the open connections, in both directions. */
  freeze(): void;
  /** Stops forwarding on connections that open until `thawNew`. Those never forward anything. */
  freezeNew(): void;
  thawNew(): void;
  /** The number of connections that opened while `freezeNew` was in effect. */
  readonly frozenCount: number;
  /** Closes all open connections. */
  cut(): void;
  close(): Promise<void>;
}

/** @param redisUrl `redis://` or `unix://` */
export async function freezableProxy(redisUrl: string): Promise<FreezableProxy> {
  const { protocol, hostname, port, pathname } = new URL(redisUrl);
  const target = protocol === "unix:" ? { path: pathname } : { host: hostname, port: Number(port || 6379) };
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let frozenCount = 0;
  const server = createServer((client) => {
    const upstream = createConnection(target);
    if (isFrozen) frozenCount += 1;
    else client.pipe(upstream).pipe(client);
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
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    get frozenCount() {
      return frozenCount;
    },
    freezeNew: () => {
      isFrozen = true;
    },
    thawNew: () => {
      isFrozen = false;
    },
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
