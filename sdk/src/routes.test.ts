import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { statusesOf, untilStatus } from "./testing/statuses.js";
import { TestNode, type TestNodeOptions } from "./testing/test-node.js";

let node: TestNode;
async function start(options: TestNodeOptions = {}): Promise<void> {
  node = await TestNode.start(0, options);
}
const transports = () => node.sockets.map(({ transport }) => transport);

/** A `sessionStorage` of a browser tab. */
class TabStorage extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
}

let storage: TabStorage;
beforeEach(() => {
  storage = new TabStorage();
  vi.stubGlobal("sessionStorage", storage);
});
afterEach(async () => {
  await node.stop();
  vi.unstubAllGlobals();
});

describe("SD3 the transport auto", () => {
  it("uses a plain WebSocket", async () => {
    await start();
    const client = node.open();
    await untilStatus(client, "live");
    expect(transports()).toEqual(["websocket"]);
  });

  it.each(["refused", "unanswered"] as const)(
    "falls back to Socket.IO within 8 s where WebSockets are %s, and remembers that for the next client",
    async (webSocket) => {
      await start({ webSocket, socketIo: "polling" });
      const startedAt = performance.now();
      const client = node.open();
      await untilStatus(client, "live");
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      expect(transports()).toEqual(["polling"]);
      expect(node.upgrades).toBe(1);
      expect(storage.size).toBe(1);
      await untilStatus(node.open(), "live");
      expect(node.upgrades).toBe(1);
    },
  );

  it("returns to WebSocket once WebSockets are no longer blocked, without going offline", async () => {
    await start({ webSocket: "refused", socketIo: "polling" });
    node.reply("counter.get", () => ({ value: 1 }));
    const client = node.open();
    await untilStatus(client, "live");
    node.webSocket = "served";
    const statuses = statusesOf(client);
    await vi.waitFor(() => expect(transports()).toEqual(["websocket"]), { timeout: 15_000 });
    expect(await client.counter("likes").get()).toEqual({ value: 1 });
    expect(statuses).not.toContain("offline");
    expect(client.connection.get().status).toBe("live");
    expect(storage.size).toBe(0);
  });

  it("does not fall back when the server refuses the client", async () => {
    await start();
    const { GrandstandError } = await import("@grandstand/shared/errors");
    node.refusals.push(new GrandstandError("forbidden", "No"));
    await untilStatus(node.open(), "closed");
    expect(node.tokens).toHaveLength(1);
  });

  it("uses Socket.IO if the runtime has no WebSocket", async () => {
    await start();
    vi.stubGlobal("WebSocket", undefined);
    await untilStatus(node.open({ webSocket: undefined }), "live");
    expect(transports()).toEqual(["socketio"]);
  });
});

describe("SD3 the transport socketio", () => {
  it("uses polling while WebSockets are blocked, and then a WebSocket", async () => {
    await start({ socketIo: "polling" });
    const client = node.open({ transport: "socketio" });
    await untilStatus(client, "live");
    expect(transports()).toEqual(["polling"]);
    node.socketIo = "websocket";
    await vi.waitFor(() => expect(transports()).toEqual(["socketio"]), { timeout: 15_000 });
  });
});

describe("SD3 the transport websocket", () => {
  it("uses no other transport, even if WebSockets are refused", async () => {
    await start({ webSocket: "refused" });
    const client = node.open({ transport: "websocket" });
    await vi.waitFor(() => expect(node.upgrades).toBeGreaterThan(1), { timeout: 20_000 });
    expect(client.connection.get()).toMatchObject({ status: "connecting", error: { code: "unavailable" } });
    expect(node.tokens).toEqual([]);
  });
});

describe("a path prefix in the url", () => {
  /** A proxy that serves a node at `/rt/` and removes that prefix. */
  async function startProxy(): Promise<{ url: string; close: () => Promise<void> }> {
    const target = (incoming: IncomingMessage) =>
      request(node.url + (incoming.url ?? "").replace(/^\/rt\//, "/"), {
        method: incoming.method,
        headers: incoming.headers,
      });
    const proxy = createServer((incoming, response) => {
      if (!incoming.url?.startsWith("/rt/")) {
        response.writeHead(404).end();
        return;
      }
      const outgoing = target(incoming);
      outgoing.on("response", (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      outgoing.on("error", () => response.destroy());
      incoming.pipe(outgoing);
    });
    proxy.on("upgrade", (incoming, socket) => {
      if (!incoming.url?.startsWith("/rt/")) {
        socket.destroy();
        return;
      }
      const outgoing = target(incoming);
      outgoing.on("upgrade", (reply, upstream, first) => {
        const head = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head.join("\r\n")}\r\n\r\n`);
        socket.write(first);
        upstream.pipe(socket).pipe(upstream);
        upstream.on("error", () => socket.destroy());
        socket.on("error", () => upstream.destroy());
      });
      outgoing.on("response", () => socket.destroy());
      outgoing.on("error", () => socket.destroy());
      outgoing.end();
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    return {
      url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/rt/`,
      close: async () => {
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      },
    };
  }

  it.each([
    ["websocket", "websocket"],
    ["socketio", "socketio"],
    ["socketio", "polling"],
  ] as const)("works for the transport %s, over %s", async (transport, used) => {
    await start(used === "polling" ? { socketIo: used } : {});
    node.reply("counter.get", () => ({ value: 1 }));
    const proxy = await startProxy();
    const client = node.connect({ url: proxy.url, transport });
    expect(await client.counter("likes").get()).toEqual({ value: 1 });
    expect(transports()).toEqual([used]);
    client.close();
    await proxy.close();
  });
});
