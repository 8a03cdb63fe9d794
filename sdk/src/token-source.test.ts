import { closeDetails } from "@grandstand/shared/close-details";
import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { statusesOf, untilStatus } from "./testing/statuses.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

const refused = () => new GrandstandError("unauthenticated", "The token is not valid");
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe.each(["websocket", "socketio"] as const)("SD4 over %s, the client", (transport) => {
  it("calls the token function once, and sends the same token at each connect", async () => {
    let calls = 0;
    const client = node.open({ transport, token: async () => `token ${++calls}` });
    await untilStatus(client, "live");
    node.breakConnections();
    await untilStatus(client, "offline");
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token 1", "token 1"]);
  });

  it("calls the token function again at a reconnect when its token expires soon", async () => {
    node.expiresAt = inMs(5_000);
    let calls = 0;
    const client = node.open({ transport, token: () => `token ${++calls}` });
    await untilStatus(client, "live");
    node.breakConnections();
    await untilStatus(client, "offline");
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token 1", "token 2"]);
  });

  it("calls the token function again after the server refused its token", async () => {
    node.refusals.push(refused());
    let calls = 0;
    const client = node.open({ transport, token: () => `token ${++calls}` });
    const statuses = statusesOf(client);
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token 1", "token 2"]);
    expect(statuses).not.toContain("closed");
  });

  it("closes after the token function has returned the same refused token three times", async () => {
    node.refusals.push(refused(), refused(), refused(), refused());
    const client = node.open({ transport, token: () => "stale" });
    await untilStatus(client, "closed", 15_000);
    expect(client.connection.get()).toMatchObject({ error: { code: "unauthenticated" } });
    expect(node.tokens).toEqual(["stale", "stale", "stale"]);
  });

  it("calls the token function again after it threw, even if it threw `unauthenticated`", async () => {
    const token = vi.fn(() => "token");
    token.mockImplementationOnce(() => {
      throw new GrandstandError("unauthenticated", "401 from the token endpoint");
    });
    const errors: string[] = [];
    const client = node.open({ transport, token, onError: ({ message }) => errors.push(message) });
    await vi.waitFor(() => expect(client.connection.get().error?.code).toBe("unavailable"));
    expect(errors).toEqual(["The token function failed: 401 from the token endpoint"]);
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token"]);
  });

  it("closes when the token function returns null, because nobody is signed in", async () => {
    const client = node.open({ transport, token: () => null });
    await untilStatus(client, "closed");
    expect(client.connection.get()).toMatchObject({ error: { code: "unauthenticated" } });
    expect(node.tokens).toEqual([]);
  });

  it("calls the token function again after it returned an empty string", async () => {
    const token = vi.fn(() => "token");
    token.mockReturnValueOnce("");
    const client = node.open({ transport, token });
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token"]);
  });
});

it("the debug log of a refused, accepted and closed connection does not contain the token", async () => {
  const debug = vi.fn();
  node.refusals.push(refused());
  const client = node.open({ token: () => "a-secret", debug });
  await untilStatus(client, "live");
  client.close();
  expect(debug.mock.calls.map(([message]) => message)).toEqual([
    "connecting",
    "not connected",
    "connecting",
    "connected",
    "closed",
  ]);
  expect(JSON.stringify(debug.mock.calls)).not.toContain("a-secret");
});

describe("AU3 a client whose token expires soon", () => {
  const expiring = () => {
    for (const socket of node.sockets) socket.emit("expiring", { expiresAt: new Date().toISOString() });
  };

  it("sends a new token of its token function on the same connection", async () => {
    const refreshed: unknown[] = [];
    node.reply("auth.refresh", (input) => {
      refreshed.push(input);
      return { user: null, expiresAt: null };
    });
    let calls = 0;
    const client = node.open({ token: async () => `token ${++calls}` });
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    expiring();
    await vi.waitFor(() => expect(refreshed).toEqual([{ token: "token 2" }]));
    expect(node.tokens).toEqual(["token 1"]);
    expect(statuses).toEqual(["live"]);
  });

  it("asks the token function again after it failed, and again after the server refused its token", async () => {
    const token = vi.fn(async () => "token");
    const client = node.open({ token });
    await untilStatus(client, "live");
    const statuses = statusesOf(client);
    token.mockRejectedValueOnce(new Error("502"));
    const replies = [() => ({ user: null, expiresAt: null })];
    node.reply("auth.refresh", () => {
      const reply = replies.pop();
      if (!reply) return { user: null, expiresAt: null };
      throw new GrandstandError("unauthenticated", "The token is from the future");
    });
    expiring();
    await vi.waitFor(() => expect(node.inputsOf("auth.refresh")).toHaveLength(2), { timeout: 20_000 });
    expect(token).toHaveBeenCalledTimes(4);
    expect(statuses).toEqual(["live"]);
  });

  it("reconnects with a new token when the old token expired before it could be replaced", async () => {
    const token = vi.fn(async () => "token");
    const client = node.open({ token });
    await untilStatus(client, "live");
    token.mockRejectedValue(new Error("offline"));
    expiring();
    await vi.waitFor(() => expect(token).toHaveBeenCalledTimes(2));
    expect(client.connection.get().status).toBe("live");
    token.mockResolvedValue("fresh");
    for (const socket of node.sockets) socket.emit("closing", closeDetails("tokenExpired"));
    await untilStatus(client, "offline");
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["token", "fresh"]);
  });

  it("reconnects with the new token if the new token belongs to another user", async () => {
    node.reply("auth.refresh", () => {
      throw new GrandstandError("forbidden", "The token belongs to another user");
    });
    let calls = 0;
    const client = node.open({ token: () => `token ${++calls}` });
    await untilStatus(client, "live");
    expiring();
    await vi.waitFor(() => expect(node.tokens).toEqual(["token 1", "token 2"]), { timeout: 20_000 });
    await untilStatus(client, "live");
  });

  it("does not send a token that is a fixed string again", async () => {
    const refreshed = vi.fn(() => ({ user: null, expiresAt: null }));
    node.reply("auth.refresh", refreshed);
    node.reply("session.list", () => ({ sessions: [] }));
    const client = node.open();
    await untilStatus(client, "live");
    expiring();
    expect(await client.sessions.list()).toEqual([]);
    expect(refreshed).not.toHaveBeenCalled();
  });
});
