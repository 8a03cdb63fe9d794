import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A TCP proxy between a node and Redis. It can stop passing bytes, like a network that drops packets. */
export interface FreezableProxy {
  url: string;
  /** Passes no more bytes on the open connections, in either direction, and does not close them. */
  freeze(): void;
  /** Connections that are opened between this call and `thawNew` are accepted, but never pass a byte. */
  freezeNew(): void;
  thawNew(): void;
  /** The number of connections that were opened while `freezeNew` was on. */
  readonly frozenCount: number;
  /** The number of open connections that `freeze` silenced. */
  readonly silentCount: number;
  /** Connects new connections to another Redis. Open connections stay as they are. */
  retarget(redisUrl: string): void;
  /** Closes all open connections. */
  cut(): void;
  close(): Promise<void>;
}

/** @param redisUrl `redis://` or `unix://` */
export async function freezableProxy(redisUrl: string): Promise<FreezableProxy> {
  let target = targetOf(redisUrl);
  const silent = new Set<Socket>();
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
        silent.delete(socket);
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
    get silentCount() {
      return silent.size / 2;
    },
    retarget: (url) => {
      target = targetOf(url);
    },
    freeze: () => {
      // The proxy reads and drops the bytes, because otherwise it would not notice that the other end closes.
      for (const socket of sockets) silent.add(socket.unpipe().resume());
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function targetOf(redisUrl: string): { path: string } | { host: string; port: number } {
  const { protocol, hostname, port, pathname } = new URL(redisUrl);
  return protocol === "unix:" ? { path: pathname } : { host: hostname, port: Number(port || 6379) };
}
