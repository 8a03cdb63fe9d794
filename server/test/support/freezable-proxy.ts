import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A TCP proxy before Redis that can fall silent, as a network does whose packets get lost without a word. */
export interface FreezableProxy {
  url: string;
  /** From now on nothing passes, in either direction, on the connections that are open. */
  freeze(): void;
  /** From now on nothing passes on connections that are opened, until `thawNew`; those stay silent for good. */
  freezeNew(): void;
  thawNew(): void;
  /** How many connections were opened into silence. */
  readonly frozenCount: number;
  /** Ends all connections that are open. */
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
