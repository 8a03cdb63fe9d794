import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { closeDetails } from "@grandstand/shared/close-details";
import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, ClientOptions, ConnectionState } from "./client.js";
import { statusesOf, untilStatus } from "./testing/statuses.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

/** Ends all connections as a server does, with a close notice. */
function closeAll(closing: { code: number; reason: string; reconnectAfterMs?: number }): void {
  for (const socket of node.sockets) {
    socket.emit("closing", closing);
    socket.disconnect();
  }
}

describe.each(["websocket", "socketio"] as const)("over %s", (transport) => {
  const open = (options: Partial<ClientOptions> = {}): Client => node.open({ transport, ...options });

  describe("a client that connects", () => {
    it("T8 has the status live and the welcome of the server", async () => {
      const client = open();
      expect(client.connection.get()).toEqual({
        status: "connecting",
        welcome: null,
        error: null,
        reason: null,
      });
      await untilStatus(client, "live");
      expect(client.connection.get()).toMatchObject({ welcome: { nodeId: "test" }, error: null });
      expect(node.sockets.map((socket) => socket.transport)).toEqual([transport]);
    });

    it.each(["unauthenticated", "forbidden"] as const)(
      "is closed without a retry if the server refuses it as %s",
      async (code) => {
        node.refusals.push(new GrandstandError(code, "No"));
        const client = open();
        const call = client.leaderboards.list();
        await expect(call).rejects.toMatchObject({ code, mayHaveTakenEffect: false });
        expect(client.connection.get()).toMatchObject({ status: "closed", error: { code, message: "No" } });
        expect(node.tokens).toHaveLength(1);
      },
    );

    it("retries after a refusal as unavailable, but not before the delay that the server asks for", async () => {
      node.refusals.push(new GrandstandError("unavailable", "Redis is away", { retryAfterMs: 700 }));
      const client = open();
      await vi.waitFor(() => expect(client.connection.get().error?.message).toBe("Redis is away"));
      const refusedAt = performance.now();
      expect(client.connection.get().status).toBe("connecting");
      await untilStatus(client, "live");
      expect(performance.now() - refusedAt).toBeGreaterThan(600);
    });
  });

  describe("a connection that ends", () => {
    it("is replaced after a break, and after a disconnect by the server", async () => {
      const client = open();
      await untilStatus(client, "live");
      const statuses = statusesOf(client);
      node.breakConnections();
      await vi.waitFor(() => expect(statuses).toEqual(["live", "offline", "live"]), { timeout: 20_000 });
      for (const socket of node.sockets) socket.disconnect();
      await vi.waitFor(() => expect(statuses.slice(3)).toEqual(["offline", "live"]), { timeout: 20_000 });
      expect(client.connection.get()).toMatchObject({ error: null, reason: null });
    });

    it("OP2 is replaced after a delay when a node drains", async () => {
      const client = open();
      await untilStatus(client, "live");
      const startedAt = performance.now();
      closeAll({ ...closeDetails("draining"), reconnectAfterMs: 1_200 });
      await untilStatus(client, "offline");
      expect(client.connection.get()).toMatchObject({ reason: "draining", error: { code: "unavailable" } });
      await untilStatus(client, "live");
      // The close of a plain WebSocket carries no delay, so the client picks a random delay of up to two
      // seconds.
      if (transport === "socketio") expect(performance.now() - startedAt).toBeGreaterThan(1_150);
      else expect(performance.now() - startedAt).toBeLessThan(2_500);
    });

    it.each([
      ["revoked", "unauthenticated"],
      ["forbidden", "forbidden"],
      ["abuse", "rate_limited"],
    ] as const)(
      "T7 stays closed after %s, with the reason in its state and an error for calls and for `onError`",
      async (reason, code) => {
        const states: ConnectionState[] = [];
        const errors: GrandstandError[] = [];
        const client = open({
          onStatus: (state) => states.push(state),
          onError: (error) => errors.push(error),
        });
        const call = client.leaderboards.list();
        await vi.waitFor(() => expect(node.requests).toHaveLength(1));
        closeAll(closeDetails(reason));
        await expect(call).rejects.toMatchObject({ code, mayHaveTakenEffect: true });
        expect(client.connection.get()).toMatchObject({ status: "closed", reason, error: { code } });
        expect(states.at(-1)).toBe(client.connection.get());
        expect(errors.at(-1)).toBe(client.connection.get().error);
      },
    );

    it.each(["tokenExpired", "slowConsumer"] as const)("T7 is replaced after %s", async (reason) => {
      const client = open();
      await untilStatus(client, "live");
      closeAll(closeDetails(reason));
      await untilStatus(client, "offline");
      expect(client.connection.get().reason).toBe(reason);
      await untilStatus(client, "live");
    });

    it("is replaced by one that is catching up until the live views are up to date", async () => {
      const opening = {
        position: { epoch: "e", offset: 0 },
        recovered: false,
        snapshot: { value: 1, crossed: [] },
      };
      node.reply("channel.subscribe", ({ channel }) => ({ channel, ...opening }));
      const client = open();
      const counter = client.counter("likes").live();
      counter.subscribe(() => {});
      await vi.waitFor(() => expect(counter.get().status).toBe("live"));
      const replies: (() => void)[] = [];
      node.answer("channel.subscribe", ({ input, ack }) => {
        replies.push(() => ack({ ok: true, data: { channel: input.channel, ...opening } }));
      });
      const statuses = statusesOf(client);
      node.breakConnections();
      await vi.waitFor(() => expect(replies).toHaveLength(1), { timeout: 20_000 });
      expect(statuses).toEqual(["live", "offline", "catchingUp"]);
      replies[0]?.();
      await untilStatus(client, "live");
      expect(counter.get().status).toBe("live");
    });
  });

  describe("close", () => {
    it("ends the connection on the server too", async () => {
      const client = open();
      await untilStatus(client, "live");
      const statuses = statusesOf(client);
      client.close();
      client.close();
      expect(statuses).toEqual(["live", "closed"]);
      expect(client.connection.get().error).toBeNull();
      await vi.waitFor(() => expect(node.sockets).toHaveLength(0));
    });

    it("leaves no timer and no handle, so that a Node process exits", async () => {
      const script = fileURLToPath(new URL("./testing/connect-and-close.ts", import.meta.url));
      const options = ["--conditions=@grandstand/source", "--import=tsx", script, node.url, transport];
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
});
