import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Entry } from "./client.js";
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

  it("without a connection waits for one", async () => {
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

  it("rejects with unavailable when its timeout ends", async () => {
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

  it("is rejected by close(), whether it waits already or is made afterwards", async () => {
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

  it("keeps its timeout", async () => {
    const client = node.connect({ callTimeoutMs: 400 });
    const call = client.leaderboard("arcade").get();
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.breakConnections();
    await expect(call).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("idempotency keys", () => {
  it("T9 differ between writes, and a key that the caller gives is kept", async () => {
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
