import { getEventListeners } from "node:events";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Client, Entry } from "./client.js";
import { untilStatus } from "./testing/statuses.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

describe("a call", () => {
  it("is typed by the contract", () => {
    const { call } = node.connect();
    expectTypeOf(call<"leaderboard.entry">).returns.resolves.toEqualTypeOf<Entry>();
    // @ts-expect-error A member is missing.
    call("leaderboard.entry", { board: "arcade" }).catch(() => {});
    // @ts-expect-error Reads take no idempotency key.
    call("leaderboard.get", { board: "arcade", idempotencyKey: "key" }).catch(() => {});
    // @ts-expect-error There is no such operation.
    call("leaderboard.shuffle", { board: "arcade" }).catch(() => {});
  });

  it("T2 resolves with the data of the reply", async () => {
    node.reply("leaderboard.entry", (input) => ({ member: input.member, rank: 1 }));
    const client = node.connect();
    expect(await client.leaderboard("arcade").entry("ada")).toEqual({ member: "ada", rank: 1 });
    expect(node.inputsOf("leaderboard.entry")).toEqual([{ board: "arcade", member: "ada" }]);
  });

  it("T2 rejects with every field of the server's error", async () => {
    const issues = [{ path: "score", rule: "max", message: "must be at most 10" }];
    node.reply("leaderboard.submit", () => {
      throw new GrandstandError("rate_limited", "Too many", { issues, retryAfterMs: 250 });
    });
    const call = node.connect().leaderboard("arcade").submit({ member: "ada", score: 11 });
    await expect(call).rejects.toBeInstanceOf(GrandstandError);
    await expect(call).rejects.toMatchObject({
      code: "rate_limited",
      message: "Too many",
      issues,
      retryAfterMs: 250,
    });
  });

  it("waits for a connection while the server is down", async () => {
    const { port } = node;
    await node.stop();
    const client = node.connect();
    const call = client.leaderboards.list();
    await vi.waitFor(() => expect(client.connection.get().error?.code).toBe("unavailable"));
    const later = await TestNode.start(port);
    later.reply("leaderboard.list", () => ({ boards: [], nextCursor: null }));
    try {
      expect(await call).toEqual({ boards: [], nextCursor: null });
    } finally {
      client.close();
      await later.stop();
    }
  });

  it("rejects with unavailable after its timeout", async () => {
    const client = node.connect();
    const call = client.call("leaderboard.get", { board: "arcade" }, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: "unavailable" });
  });

  it("rejects when its input has no JSON form", async () => {
    const metadata: Record<string, never> = {};
    Object.assign(metadata, { metadata });
    const call = node.connect().leaderboard("arcade").submit({ member: "ada", score: 1, metadata });
    await expect(call).rejects.toMatchObject({ code: "bad_request" });
  });

  it("rejects when the client is closed, and when it is made after the close", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").get();
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    client.close();
    await expect(call).rejects.toMatchObject({ code: "unavailable" });
    await expect(client.leaderboard("arcade").get()).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a call whose connection breaks", () => {
  it("T9 is sent again with the same idempotency key", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").submit({ member: "ada", score: 7 });
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.reply("leaderboard.submit", () => ({ improved: true }));
    node.breakConnections();
    expect(await call).toEqual({ improved: true });
    const [first, second] = node.inputsOf("leaderboard.submit");
    expect(first).toEqual({ board: "arcade", member: "ada", score: 7, idempotencyKey: expect.any(String) });
    expect(second).toEqual(first);
    expect(node.requests).toHaveLength(2);
  });

  it("SD5 is not sent again if the machine slept for longer than the timeout of the call", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").submit({ member: "ada", score: 7 });
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    const wallMs = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => wallMs() + 60_000);
    node.breakConnections();
    await expect(call).rejects.toMatchObject({ code: "unavailable", mayHaveTakenEffect: true });
    expect(node.requests).toHaveLength(1);
    vi.mocked(Date.now).mockRestore();
  });

  it("rejects with unavailable if it has no reply when its timeout is over", async () => {
    const client = node.connect({ callTimeoutMs: 400 });
    const call = client.leaderboard("arcade").get();
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.breakConnections();
    await expect(call).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("SD5 a call", () => {
  it("fails if its connection is lost twice, with an error that says that the call may have taken effect", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").submit({ member: "ada", score: 7 });
    for (const sends of [1, 2]) {
      await vi.waitFor(() => expect(node.requests).toHaveLength(sends), { timeout: 20_000 });
      node.breakConnections();
    }
    await expect(call).rejects.toMatchObject({ code: "unavailable", mayHaveTakenEffect: true });
    await untilStatus(client, "live");
    expect(node.requests).toHaveLength(2);
  });

  it("does not fail when the client itself replaced the connection", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").get();
    for (const sends of [1, 2, 3]) {
      await vi.waitFor(() => expect(node.requests).toHaveLength(sends), { timeout: 20_000 });
      if (sends === 3) node.reply("leaderboard.get", () => ({ board: "arcade" }));
      client.reconnect();
    }
    expect(await call).toEqual({ board: "arcade" });
  });

  it("fails with payload_too_large after the server has closed two connections because of the size of the call", async () => {
    const client = node.connect();
    const call = client.leaderboard("arcade").submit({ member: "ada", score: 7 });
    for (const sends of [1, 2]) {
      await vi.waitFor(() => expect(node.requests).toHaveLength(sends), { timeout: 20_000 });
      for (const socket of node.sockets) socket.emit("closing", { code: 1009, reason: "" });
    }
    await expect(call).rejects.toMatchObject({ code: "payload_too_large", mayHaveTakenEffect: true });
  });

  it("fails before it is sent if it is too large, and does not affect other calls", async () => {
    node.reply("leaderboard.get", () => ({ board: "arcade" }));
    const client = node.connect();
    const large = { huge: "é".repeat(limits.bodyBytes / 2) };
    const call = client.leaderboard("arcade").submit({ member: "ada", score: 1, metadata: large });
    await expect(call).rejects.toMatchObject({ code: "payload_too_large", mayHaveTakenEffect: false });
    expect(await client.leaderboard("arcade").get()).toEqual({ board: "arcade" });
    expect(node.requests).toHaveLength(1);
  });

  it("may be larger than `bodyBytes`, up to `batchBodyBytes`, if its operation takes many items", async () => {
    node.reply("counter.getMany", () => ({ counters: [] }));
    const client = node.connect();
    expect(await client.counters.getMany([`c${"x".repeat(limits.bodyBytes)}`])).toEqual([]);
    const tooMuch = client.counters.getMany([`c${"x".repeat(limits.batchBodyBytes)}`]);
    await expect(tooMuch).rejects.toMatchObject({ code: "payload_too_large" });
  });

  it.each([
    ["counter.add", (client: Client) => client.counter("likes").add()],
    ["leaderboard.submit", (client: Client) => client.leaderboard("a").submit({ member: "ada", score: 1 })],
    ["chat.send", (client: Client) => client.chat("lobby").send("hello")],
  ])("waits from disconnect() until connect(): %s", async (operation, callOf) => {
    node.reply(operation, () => ({ message: {} }));
    const client = node.connect();
    client.disconnect();
    const call = callOf(client);
    await new Promise((resolve) => setImmediate(resolve));
    expect(node.requests).toHaveLength(0);
    client.connect();
    await call;
    expect(node.requests).toHaveLength(1);
  });

  it("fails with an error that says that it had no effect if there is no connection before its timeout", async () => {
    const client = node.connect({ callTimeoutMs: 50 });
    client.disconnect();
    await expect(client.counter("likes").add()).rejects.toMatchObject({
      code: "unavailable",
      mayHaveTakenEffect: false,
    });
  });
});

describe("an abort signal", () => {
  it("rejects calls with its reason: a call that was sent, one that waits, and one made after the abort", async () => {
    const client = node.connect();
    const controller = new AbortController();
    const sent = client.leaderboard("arcade").entries({}, { signal: controller.signal });
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    client.disconnect();
    const waiting = client.counter("likes").add(1, { signal: controller.signal });
    const reason = new Error("The user left");
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(client.counter("likes").get({ signal: controller.signal })).rejects.toBe(reason);
    client.connect();
    await untilStatus(client, "live");
    expect(node.requests).toHaveLength(1);
  });

  it("that ends the last call for which a new connection waits also ends the catching up", async () => {
    const client = node.open();
    await untilStatus(client, "live");
    const controller = new AbortController();
    const call = client.leaderboard("arcade").entries({}, { signal: controller.signal });
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.breakConnections();
    await untilStatus(client, "catchingUp");
    controller.abort(new Error("The user left"));
    await expect(call).rejects.toThrow("The user left");
    await untilStatus(client, "live");
  });

  it("has no listener left after the call, if it was never aborted", async () => {
    node.reply("counter.get", () => ({ value: 1 }));
    const controller = new AbortController();
    await node.connect().counter("likes").get({ signal: controller.signal, timeoutMs: 5_000 });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

describe("idempotency keys", () => {
  it("T9 differ between writes; a key that the caller gives is sent as it is", async () => {
    node.reply("leaderboard.submit", () => ({}));
    const board = node.connect().leaderboard("arcade");
    await board.submit({ member: "ada", score: 1 });
    await board.submit({ member: "ada", score: 1 });
    await board.submit({ member: "ada", score: 1, idempotencyKey: "mine" });
    const keys = node.inputsOf("leaderboard.submit").map((input) => input.idempotencyKey);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe("mine");
  });

  it("T9 are not sent with reads", async () => {
    node.reply("leaderboard.get", () => ({}));
    await node.connect().leaderboard("arcade").get();
    expect(node.inputsOf("leaderboard.get")).toEqual([{ board: "arcade" }]);
  });
});
