import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createServerClient, GrandstandError, type ServerClient } from "@grandstand/sdk/server";
import { type ChannelEvent, follow, type StreamStatus } from "@grandstand/sdk/sse";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { freshId, freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { eventually } from "./eventually.js";

/**
 * Tests the clients of the SDK that use only HTTP, against a real node and against a server that fails on
 * purpose.
 */

const prefix = freshPrefix();
const ends: (() => unknown)[] = [];
let node: NodeProcess;
let server: ServerClient;

beforeAll(async () => {
  node = await startNode({ redisUrl: inject("redisUrl"), prefix });
  server = createServerClient({ url: node.url, apiKey: TEST_API_KEY });
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

afterAll(() => node?.stop());

/** Starts an HTTP server with this listener. @returns its URL */
async function serve(listener: RequestListener): Promise<string> {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));
  ends.push(() => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

describe("createServerClient", () => {
  it("calls operations of six domains, also with an id that must be encoded in the path", async () => {
    const board = freshId("b");
    await server.leaderboard.configure({ board, operator: "sum" });
    await server.leaderboard.submit({ board, member: "Zoë/1 ?", score: 5 });
    expect(await server.leaderboard.entry({ board, member: "Zoë/1 ?" })).toMatchObject({ score: 5, rank: 1 });
    const { entries } = await server.leaderboard.entries({ board, limit: 1, ranking: "dense" });
    expect(entries).toHaveLength(1);
    expect(await server.leaderboard.list()).toMatchObject({ boards: expect.any(Array) });

    const counter = freshId("c");
    await server.counter.configure({ counter });
    expect(await server.counter.add({ counter, by: 2 })).toMatchObject({ value: 2 });

    const room = freshId("r");
    await server.chat.configure({ room });
    const { message } = await server.chat.send({ room, text: "Hello" });
    const { token, user } = await server.session.create({ user: { id: "ada", name: "Ada" } });
    expect(user.id).toBe("ada");
    const ada = createServerClient({ url: node.url, apiKey: token! });
    await ada.chat.react({ room, offset: message.offset, emoji: "👏" });
    expect(await server.chat.history({ room })).toMatchObject({
      messages: [{ text: "Hello", reactions: { "👏": { count: 1 } } }],
    });

    await server.presence.keep({ room, user: "ada", ttlMs: 60_000 });
    expect(await server.presence.count({ room })).toEqual({ count: 1 });
    expect(await server.user.notify({ user: "ada", name: "hello" })).toMatchObject({
      notice: { name: "hello" },
    });
    expect(await server.call("counter.get", { counter })).toMatchObject({ value: 2 });
  });

  it("streams the export of a board, and imports it into another board", async () => {
    const board = freshId("b");
    const copy = freshId("b");
    await Promise.all([
      server.leaderboard.configure({ board }),
      server.leaderboard.configure({ board: copy }),
    ]);
    const scores = Array.from({ length: 600 }, (_, index) => ({ member: `m${index}`, score: index }));
    await server.leaderboard.submitMany({ board, scores });
    const content = await new Response(await server.leaderboard.export({ board })).text();
    expect(content.trimEnd().split("\n")).toHaveLength(600);
    expect(await server.leaderboard.import({ board: copy, content })).toMatchObject({ imported: 600 });
  });

  it("retries a write whose response was lost, without a second effect", async () => {
    const board = freshId("b");
    await server.leaderboard.configure({ board, operator: "sum" });
    const keys: unknown[] = [];
    const url = await serve(async (request, response) => {
      keys.push(request.headers["idempotency-key"]);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { authorization, "content-type": type, "idempotency-key": key } = request.headers;
      const answer = await fetch(node.url + request.url, {
        method: request.method!,
        headers: { authorization: authorization!, "content-type": type!, "idempotency-key": String(key) },
        body: Buffer.concat(chunks),
      });
      if (keys.length < 3) return void response.destroy();
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    });
    const client = createServerClient({ url, apiKey: TEST_API_KEY });
    const { entry } = await client.leaderboard.submit({ board, member: "ada", score: 7 });
    expect(entry.score).toBe(7);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
  });

  it("rejects without a retry if a rate limit asks for a delay that is longer than the timeout", async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      const problem = { code: "rate_limited", detail: "Too many requests", retryAfterMs: 60_000 };
      response.writeHead(429, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
    });
    const client = createServerClient({ url, apiKey: "key" });
    await expect(client.counter.get({ counter: "c" })).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 60_000,
    });
    expect(calls).toBe(1);
  });

  it("never retries session.create, because a retry could create a second session", async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      response.destroy();
    });
    const client = createServerClient({ url, apiKey: "key" });
    await expect(client.session.create({ user: { id: "ada" } })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(calls).toBe(1);
  });

  it("rejects a call when its signal is aborted, and when its timeout is over", async () => {
    const url = await serve(() => {});
    const client = createServerClient({ url, apiKey: "key", timeoutMs: 1_500 });
    const reason = new Error("not needed");
    const controller = new AbortController();
    const aborted = client.counter.get({ counter: "c" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(client.counter.get({ counter: "c" })).rejects.toMatchObject({ code: "unavailable" });
    const startedAt = performance.now();
    const short = client.lock.renew({ lock: "l", token: "t", ttlMs: 1_000 }, { timeoutMs: 100 });
    await expect(short).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  it("rejects with the server's error, which names the wrong field, and with an own error for an empty id", async () => {
    const refused = server.leaderboard.submit({ board: "none", member: "ada", score: Number.NaN });
    await expect(refused).rejects.toMatchObject({ code: "bad_request", issues: [{ path: "score" }] });
    await expect(refused).rejects.toBeInstanceOf(GrandstandError);
    await expect(server.leaderboard.get({ board: "" })).rejects.toThrow("board is missing");
  });
});

describe("wrong options", () => {
  const wrong: [object, string][] = [
    [{ url: "play.example.com", apiKey: "key" }, "url"],
    [{ url: "https://", apiKey: "key" }, "url"],
    [{ url: "https://play.example.com", apiKey: "" }, "apiKey"],
    [{ url: "https://play.example.com", token: "key" }, "token"],
  ];
  it.each(wrong)("make createServerClient throw an error that names the option: %j", (options, name) => {
    expect(() => createServerClient(options as never)).toThrow(new RegExp(`^${name} `));
  });

  it("make follow() throw an error that names the option", () => {
    const right = { url: "https://play.example.com", token: "t", channels: [], onEvent() {} };
    expect(() => follow({ ...right, url: "" })).toThrow(/^url /);
    expect(() => follow({ ...right, token: "" })).toThrow(/^token /);
    expect(() => follow({ ...right, channel: "chat:lobby" } as never)).toThrow(/^channel is not an option/);
  });
});

describe("follow", () => {
  function watch(channels: string[], token: string | (() => string) = TEST_API_KEY, url = node.url) {
    const events: ChannelEvent[] = [];
    const statuses: { channel: string; status: StreamStatus; code: string | undefined }[] = [];
    const stop = follow({
      url,
      token,
      channels,
      onEvent: (event) => events.push(event),
      onStatus: (channel, status, error) => statuses.push({ channel, status, code: error?.code }),
    });
    ends.push(stop);
    return { events, statuses, stop };
  }

  it("receives the snapshot and then each change of several channels", async () => {
    const [board, counter] = [freshId("b"), freshId("c")];
    await server.leaderboard.configure({ board });
    await server.counter.configure({ counter });
    const { events, statuses } = watch([`leaderboard:${board}`, `counter:${counter}`]);
    await eventually(() => events.filter(({ event }) => event === "subscribed").length).toBe(2);
    expect(statuses.filter(({ status }) => status === "live")).toHaveLength(2);
    await server.leaderboard.submit({ board, member: "ada", score: 3 });
    await server.counter.add({ counter });
    await eventually(() => events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["leaderboard.updated", "counter.updated"]),
    );
  });

  it("continues after its node was killed, without a gap or a repeat", async () => {
    const room = freshId("r");
    const other = await startNode({ redisUrl: inject("redisUrl"), prefix });
    ends.push(() => other.stop());
    const { events, statuses } = watch([`chat:${room}`], TEST_API_KEY, other.url);
    const texts = () => events.flatMap((event) => (event.event === "chat.message" ? [event.data.text] : []));
    await eventually(() => statuses.at(-1)?.status).toBe("live");
    await server.chat.send({ room, text: "one" });
    await eventually(texts).toEqual(["one"]);

    await other.kill();
    await eventually(() => statuses.at(-1)?.status).toBe("offline");
    await server.chat.send({ room, text: "two" });
    const again = await startNode({ redisUrl: inject("redisUrl"), prefix, port: other.port });
    ends.push(() => again.stop());
    await eventually(() => statuses.at(-1)?.status).toBe("live");
    await server.chat.send({ room, text: "three" });
    await eventually(texts).toEqual(["one", "two", "three"]);
  });

  it("calls the token function again after a refused token; closes after a second one, or if the board is missing", async () => {
    const { token } = await server.session.create({ user: { id: "ada" } });
    const tokens = ["old", token!];
    const renewed = watch([`counter:${freshId("c")}`], () => tokens.shift()!);
    await eventually(() => renewed.statuses.map(({ status }) => status)).toEqual([
      "connecting",
      "offline",
      "live",
    ]);
    const refused = watch([`counter:${freshId("c")}`], () => "old");
    await eventually(() => refused.statuses.at(-1)).toMatchObject({
      status: "closed",
      code: "unauthenticated",
    });
    const missing = watch([`leaderboard:${freshId("b")}`]);
    await eventually(() => missing.statuses.at(-1)).toMatchObject({ status: "closed", code: "not_found" });
  });
});
