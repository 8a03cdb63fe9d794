import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { closeCodes } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, ConnectionState } from "./client.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

function untilStatus(client: Client, status: ConnectionState["status"]): Promise<void> {
  return vi.waitFor(() => expect(client.connection.get().status).toBe(status), { timeout: 10_000 });
}

/** Every status that a client goes through from now on. */
function statusesOf(client: Client): string[] {
  const statuses = [client.connection.get().status as string];
  client.connection.subscribe(() => statuses.push(client.connection.get().status));
  return statuses;
}

describe("connecting", () => {
  it("T8 is live with the event welcome", async () => {
    const client = node.connect();
    expect(client.connection.get()).toEqual({ status: "connecting", welcome: null, error: null });
    await untilStatus(client, "live");
    expect(client.connection.get()).toMatchObject({ welcome: { nodeId: "test" }, error: null });
    expect(node.sockets[0]?.conn.transport.name).toBe("websocket");
  });

  it("falls back to polling where no WebSocket gets through", async () => {
    const narrow = await TestNode.start(0, { transports: ["polling"] });
    const client = narrow.connect();
    await untilStatus(client, "live");
    expect(narrow.sockets[0]?.conn.transport.name).toBe("polling");
    await narrow.stop();
  });

  it("T2 shows the token, and asks a function for one at each connect", async () => {
    let asked = 0;
    const client = node.connect({ token: async () => `token ${++asked}` });
    await untilStatus(client, "live");
    node.breakConnections();
    await untilStatus(client, "reconnecting");
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token 1", "token 2"]);
  });

  it("tries again when no token could be had", async () => {
    const token = vi.fn(() => "token");
    token.mockImplementationOnce(() => {
      throw new Error("offline");
    });
    const client = node.connect({ token });
    await vi.waitFor(() => expect(client.connection.get().error?.code).toBe("unavailable"));
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token"]);
  });

  it.each(["unauthenticated", "forbidden"] as const)("is closed when refused as %s", async (code) => {
    node.refusals.push(new GrandstandError(code, "No"));
    const client = node.connect();
    const call = client.leaderboards.list();
    await expect(call).rejects.toMatchObject({ code });
    expect(client.connection.get()).toMatchObject({ status: "closed", error: { code, message: "No" } });
    expect(node.tokens).toHaveLength(1);
  });

  it("is tried again, no sooner than asked, when refused for any other reason", async () => {
    node.refusals.push(new GrandstandError("unavailable", "Redis is away", { retryAfterMs: 700 }));
    const client = node.connect();
    await vi.waitFor(() => expect(client.connection.get().error?.message).toBe("Redis is away"));
    const refusedAt = performance.now();
    expect(client.connection.get().status).toBe("connecting");
    await untilStatus(client, "live");
    expect(performance.now() - refusedAt).toBeGreaterThan(600);
  });
});

describe("a connection that ends", () => {
  it("comes back after a break, and after a disconnect by the server", async () => {
    const client = node.connect();
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    node.breakConnections();
    await vi.waitFor(() => expect(statuses).toEqual(["live", "reconnecting", "live"]), { timeout: 5_000 });
    for (const socket of node.sockets) socket.disconnect(true);
    await vi.waitFor(() => expect(statuses.slice(3)).toEqual(["reconnecting", "live"]), { timeout: 5_000 });
    expect(client.connection.get().error).toBeNull();
  });

  it("OP2 comes back after the delay that a draining server gives", async () => {
    const client = node.connect();
    await untilStatus(client, "live");
    const startedAt = performance.now();
    for (const socket of node.sockets) {
      socket.emit("closing", { ...closeCodes.draining, reconnectAfterMs: 1_200 });
      socket.disconnect(true);
    }
    await untilStatus(client, "reconnecting");
    await untilStatus(client, "live");
    expect(performance.now() - startedAt).toBeGreaterThan(1_150);
  });

  it.each([
    ["revoked", "unauthenticated"],
    ["forbidden", "forbidden"],
    ["abuse", "rate_limited"],
  ] as const)("T7 stays closed after %s", async (reason, code) => {
    const client = node.connect();
    const call = client.leaderboards.list();
    await untilStatus(client, "live");
    for (const socket of node.sockets) {
      socket.emit("closing", closeCodes[reason]);
      socket.disconnect(true);
    }
    await expect(call).rejects.toMatchObject({ code });
    expect(client.connection.get()).toMatchObject({ status: "closed", error: { code } });
  });

  it.each(["tokenExpired", "slowConsumer"] as const)("T7 comes back after %s", async (reason) => {
    const client = node.connect();
    await untilStatus(client, "live");
    for (const socket of node.sockets) {
      socket.emit("closing", closeCodes[reason]);
      socket.disconnect(true);
    }
    await untilStatus(client, "reconnecting");
    await untilStatus(client, "live");
  });
});

describe("AU3 a token that is about to end", () => {
  const expiring = () => {
    for (const socket of node.sockets) socket.emit("expiring", { expiresAt: new Date().toISOString() });
  };

  it("is replaced by what the function gives then, on the same connection", async () => {
    const refreshed: unknown[] = [];
    node.reply("auth.refresh", (input) => {
      refreshed.push(input);
      return { user: null, expiresAt: null };
    });
    let asked = 0;
    const client = node.connect({ token: async () => `token ${++asked}` });
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    expiring();
    await vi.waitFor(() => expect(refreshed).toEqual([{ token: "token 2" }]));
    expect(node.tokens).toEqual(["token 1"]);
    expect(statuses).toEqual(["live"]);
  });

  it("stays when no other one can be had, until the server closes the connection", async () => {
    const token = vi.fn(async () => "token");
    const client = node.connect({ token });
    await untilStatus(client, "live");
    token.mockRejectedValueOnce(new Error("offline"));
    expiring();
    await vi.waitFor(() => expect(token).toHaveBeenCalledTimes(2));
    expect(client.connection.get().status).toBe("live");
    for (const socket of node.sockets) {
      socket.emit("closing", closeCodes.tokenExpired);
      socket.disconnect(true);
    }
    await untilStatus(client, "reconnecting");
    await untilStatus(client, "live");
    expect(token).toHaveBeenCalledTimes(3);
  });

  it("that never changes is not sent again", async () => {
    const refreshed = vi.fn(() => ({ user: null, expiresAt: null }));
    node.reply("auth.refresh", refreshed);
    node.reply("session.list", () => ({ sessions: [] }));
    const client = node.connect();
    await untilStatus(client, "live");
    expiring();
    expect(await client.sessions.list()).toEqual([]);
    expect(refreshed).not.toHaveBeenCalled();
  });
});

describe("close", () => {
  it("ends the connection on the server too, once and for all", async () => {
    const client = node.connect();
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    client.close();
    client.close();
    expect(statuses).toEqual(["live", "closed"]);
    expect(client.connection.get().error).toBeNull();
    await vi.waitFor(() => expect(node.io.engine.clientsCount).toBe(0));
  });

  it("leaves no timer and no handle: the process ends by itself", async () => {
    const script = fileURLToPath(new URL("./testing/connect-and-close.ts", import.meta.url));
    const options = ["--conditions=@grandstand/source", "--import=tsx", script, node.url];
    node.reply("channel.subscribe", ({ channel }) => ({
      channel,
      position: { epoch: "e", offset: 0 },
      recovered: false,
      snapshot: { entries: [], total: 0, season: "all" },
    }));
    const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 20_000 });
    expect(stdout).toBe("live\nclosed\n");
  });
});
