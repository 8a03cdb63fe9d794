import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { grandstand, type Hooks, type Node, startNode } from "@grandstand/server";
import { type FastifyInstance, fastify } from "fastify";
import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
// @ts-expect-error The examples are JavaScript.
import { profanityFilter } from "../../../examples/hooks/profanity-filter.mjs";
// @ts-expect-error The examples are JavaScript.
import { scorePlausibility } from "../../../examples/hooks/score-plausibility.mjs";
import { dataOf } from "../support/acks.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openEventStream } from "../support/drivers/sse-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshId, freshPrefix, TEST_API_KEY, TEST_HOOKS_SECRET } from "../support/names.js";
import { startReceiver } from "../support/receiver.js";
import { silentLog as log } from "../support/silent-log.js";
import { TOKEN_SECRET, tokenFor } from "../support/tokens.js";

const exampleHooks: Hooks = { ...profanityFilter, ...scorePlausibility };

const settings = () => ({
  PORT: "0",
  REDIS_URL: inject("redisUrl"),
  GRANDSTAND_PREFIX: freshPrefix(),
  GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
  GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET,
  GRANDSTAND_LIMITS: "off",
});

async function openUser(url: string, user: string) {
  return openWebSocket(url, await tokenFor(user));
}

describe("OP9: hooks in process", () => {
  let node: Node;
  let hooks: Hooks;

  beforeAll(async () => {
    hooks = { ...exampleHooks };
    // The node keeps the hooks that it started with, so those hooks pass each question on to the hooks of the
    // test that is running.
    const all: Hooks = {
      connect: (question) => hooks.connect?.(question),
      "chat.send": (question) => hooks["chat.send"]?.(question),
      "leaderboard.submit": (question) => hooks["leaderboard.submit"]?.(question),
    };
    node = await startNode({ settings: settings(), hooks: all, log });
  });

  afterEach(() => {
    hooks = { ...exampleHooks };
  });

  afterAll(() => node.close());

  it("OP9: the example filters new and edited messages", async () => {
    const room = freshId("room");
    const ada = await openUser(node.url, "ada");
    const { message } = dataOf(await ada.call("chat.send", { room, text: "Darn it, what the heck" }));
    expect(message.text).toBe("**** it, what the ****");
    dataOf(await ada.call("chat.edit", { room, offset: message.offset, text: "heckler, HECK!" }));
    const { messages } = dataOf(await ada.call("chat.history", { room }));
    expect(messages).toMatchObject([{ text: "heckler, ****!" }]);
    await ada.close();
  });

  it("OP9: the example refuses an implausible score of a user, but not of an API key", async () => {
    const board = freshId("board");
    const api = await restDriver.open(node.url, TEST_API_KEY);
    dataOf(await api.call("leaderboard.configure", { board, submit: "member" }));
    const ada = await restDriver.open(node.url, await tokenFor("ada"));
    const submit = (score: number) =>
      ada.call("leaderboard.submit", { board, member: "ada", score, metadata: { playedSeconds: 10 } });
    expect(await submit(1_001)).toEqual({
      ok: false,
      error: { code: "bad_request", message: "The score is not plausible for the time of play" },
    });
    expect(dataOf(await submit(1_000)).entry.score).toBe(1_000);
    // Batches and imports are for API keys, which belong to the app itself.
    const scores = [{ member: "bo", score: 9_999 }];
    expect(await ada.call("leaderboard.submitMany", { board, scores })).toMatchObject({
      error: { code: "forbidden" },
    });
    dataOf(await api.call("leaderboard.submitMany", { board, scores }));
    dataOf(await api.call("leaderboard.submit", { board, member: "cy", score: 9_999 }));
  });

  it("OP9: a hook may answer with a promise of a library, which is not a `Promise` of Node.js", async () => {
    const ada = await openUser(node.url, "ada");
    // biome-ignore lint/suspicious/noThenProperty: a promise of a library is an object with `then`.
    const answer = { then: (resolve: (answer: unknown) => void) => resolve({ input: { text: "changed" } }) };
    hooks = { "chat.send": (() => answer) as unknown as NonNullable<Hooks["chat.send"]> };
    const { message } = dataOf(await ada.call("chat.send", { room: freshId("room"), text: "sent" }));
    expect(message.text).toBe("changed");
    await ada.close();
  });

  it("OP9: if a hook throws, hangs or returns an invalid answer, only its own call fails", async () => {
    const room = freshId("room");
    const ada = await openUser(node.url, "ada");
    const failing: Hooks["chat.send"][] = [
      () => {
        throw new Error("a fault of the app");
      },
      async () => Promise.reject(new Error("a fault of the app")),
      () => new Promise(() => {}),
      (() => ({ allow: true })) as unknown as Hooks["chat.send"],
      (() => "no") as unknown as Hooks["chat.send"],
      () => ({ input: { text: "" } }),
    ];
    hooks = { "chat.send": (question) => failing[Number(question.input.text)]!(question) };
    const calls = failing.map((_, text) => ada.call("chat.send", { room, text: String(text) }));
    dataOf(await ada.call("chat.history", { room }));
    for (const ack of await Promise.all(calls)) {
      expect(ack).toMatchObject({ error: { code: "unavailable", retryAfterMs: 1_000 } });
    }
    expect(dataOf(await ada.call("chat.history", { room })).messages).toEqual([]);
    await ada.close();
  });

  it("OP9: the hook `connect` refuses a connection, or gives it caps", async () => {
    const room = freshId("room");
    hooks = {
      connect: ({ user }) =>
        user.id === "eve"
          ? { refuse: "Banned" }
          : { caps: [{ channels: [`chat:${room}`], allow: ["moderate"] }] },
    };
    const eve = await openUser(node.url, "eve");
    expect(eve.connected).toEqual({ ok: false, error: { code: "forbidden", message: "Banned" } });
    eve.socket.terminate();
    const ada = await openUser(node.url, "ada");
    dataOf(await ada.call("chat.send", { room, text: "x" }));
    dataOf(await ada.call("chat.moderate", { room, user: "bo", action: "mute", ttlMs: 60_000 }));
    await ada.close();
  });

  it("OP9: hooks in the process run first, and the HTTP hook gets the input that they changed", async () => {
    const receiver = await startReceiver();
    receiver.answer((_, response) => response.end('{"input": {"metadata": {"seen": true}}}'));
    const both = await startNode({
      settings: {
        ...settings(),
        GRANDSTAND_HOOKS_URL: receiver.url,
        GRANDSTAND_HOOKS_SECRET: TEST_HOOKS_SECRET,
        GRANDSTAND_HOOKS: "chat.send",
        GRANDSTAND_HOOKS_TIMEOUT_MS: "2000",
      },
      hooks: exampleHooks,
      log,
    });
    const ada = await restDriver.open(both.url, await tokenFor("ada"));
    const { message } = dataOf(await ada.call("chat.send", { room: "r", text: "darn" }));
    expect(message).toMatchObject({ text: "****", metadata: { seen: true } });
    expect(JSON.parse(receiver.requests[0]!.body).input).toEqual({ room: "r", text: "****" });
    await both.close();
    await both.close();
    await receiver.close();
  });

  it("OP9: a node with an unknown hook or a wrong setting does not start, and the error names the hook or the setting", async () => {
    const hook = { "chat.sent": () => undefined } as Hooks;
    await expect(startNode({ settings: settings(), hooks: hook, log })).rejects.toThrow(
      "chat.sent is not a hook; the hooks are connect, chat.send",
    );
    const none = { connect: "always" } as unknown as Hooks;
    await expect(startNode({ settings: settings(), hooks: none, log })).rejects.toThrow("connect must be");
    const start = (wrong: Record<string, string>) =>
      startNode({ settings: { ...settings(), ...wrong }, log });
    await expect(start({ GRANDSTAND_WORKERS: "2" })).rejects.toThrow("GRANDSTAND_WORKERS: must be 1");
    await expect(start({ GRANDSTAND_HOOKS: "chat.sent" })).rejects.toThrow(
      "GRANDSTAND_HOOKS: must be some of",
    );
  });
});

describe("OP9: a node within an app's own Fastify server", () => {
  let app: FastifyInstance;
  let url: string;
  let own: WebSocketServer;
  const paths: string[] = [];
  let isSlowHookRunning = false;
  const hooks: Hooks = {
    ...exampleHooks,
    "chat.send": async (question) => {
      if (question.input.text !== "slow") return exampleHooks["chat.send"]!(question);
      isSlowHookRunning = true;
      return wait(500);
    },
  };

  beforeAll(async () => {
    app = fastify({ forceCloseConnections: true });
    app.addHook("onRequest", async ({ url }) => void paths.push(url));
    app.setErrorHandler((_, __, reply) => reply.code(418).send({ own: true }));
    app.get("/own", async () => ({ own: true }));
    app.get("/v1/own", async () => ({ own: true }));
    app.get("/fails", async () => {
      throw new Error("of the app");
    });
    await app.register(grandstand, { settings: settings(), hooks, log });
    // A server of the library `ws` refuses upgrades to all paths but its own. The node must still get the upgrades to
    // the node's paths.
    own = new WebSocketServer({ server: app.server, path: "/own-socket" });
    own.on("connection", (socket) => socket.send("hello from the app"));
    url = await app.listen({ host: "127.0.0.1", port: 0 });
  });

  // Usually the last test has closed the app already.
  afterAll(() => app.close());

  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, body: await response.json() };
  };

  it("OP9: the app's own routes, hooks, errors and sockets stay as they are", async () => {
    for (const path of ["/own", "/v1/own"])
      expect(await get(path)).toEqual({ status: 200, body: { own: true } });
    expect(await get("/fails")).toEqual({ status: 418, body: { own: true } });
    expect(await get("/nothing")).toMatchObject({
      status: 404,
      body: { message: "Route GET:/nothing not found" },
    });
    const socket = new WebSocket(`${url.replace("http", "ws")}/own-socket`);
    const [text] = await once(socket, "message");
    expect(String(text)).toBe("hello from the app");
    socket.terminate();
    expect(paths).toContain("/own");
  });

  it("OP9: REST, documents, health and metrics are served as by a separate node", async () => {
    const ada = await restDriver.open(url, await tokenFor("ada"));
    expect(dataOf(await ada.call("chat.send", { room: "r", text: "darn" })).message.text).toBe("****");
    expect(paths).toContain("/v1/chat/r/messages");
    expect(await ada.call("chat.send", { room: "r", text: "" })).toMatchObject({
      error: { code: "bad_request" },
    });
    expect(await get("/v1/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(await get("/health/ready")).toMatchObject({ status: 200 });
    expect(await get("/openapi.json")).toMatchObject({ status: 200, body: { openapi: "3.1.0" } });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    const authorization = `Bearer ${TEST_API_KEY}`;
    const injected = await app.inject({ url: "/v1/chat/r/messages", headers: { authorization } });
    expect(injected.json().messages).toHaveLength(1);
  });

  it("OP9: every live transport works", async () => {
    const room = freshId("room");
    const channel = `chat:${room}`;
    const token = await tokenFor("ada");
    const ws = await openWebSocket(url, token);
    const socketIo = await openSocketIo(url, token);
    const polling = io(url, { auth: { token }, transports: ["polling"], forceNew: true });
    const polled: unknown[] = [];
    polling.on("push", (push) => polled.push(push));
    await once(polling as unknown as EventTarget & typeof polling, "welcome");
    dataOf(await ws.call("channel.subscribe", { channel }));
    dataOf(await socketIo.call("channel.subscribe", { channel }));
    dataOf(await polling.emitWithAck("channel.subscribe", { channel }));
    const stream = await openEventStream(url, token, `${channel}/events`);
    dataOf(await ws.call("chat.send", { room, text: "heck" }));
    await eventually(() => {
      for (const got of [ws.pushes, socketIo.pushes, polled, stream.events]) {
        expect(JSON.stringify(got)).toContain("****");
      }
    });
    polling.disconnect();
    for (const one of [ws, socketIo, stream]) await one.close();
  });

  it("OP9: an upgrade to an unknown path gets 404, and `serve` chooses among health and metrics", async () => {
    const plain = fastify();
    await plain.register(grandstand, { settings: settings(), serve: ["health"], log });
    const plainUrl = await plain.listen({ host: "127.0.0.1", port: 0 });
    const socket = new WebSocket(`${plainUrl.replace("http", "ws")}/nothing`);
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("404");
    expect((await fetch(`${plainUrl}/health/live`)).status).toBe(200);
    expect((await fetch(`${plainUrl}/metrics`)).status).toBe(404);
    await plain.close();
  });

  it("OP9: registration fails with a path prefix, an unknown name in `serve`, or an invalid setting", async () => {
    const wrong = async (options: object, message: string) => {
      const other = fastify();
      other.register(grandstand, { settings: settings(), log, ...options });
      await expect(other.ready()).rejects.toThrow(message);
    };
    await wrong({ prefix: "/live" }, "Register grandstand without a prefix");
    await wrong({ serve: ["pages"] }, "serve: pages must be one of health, metrics, documents");
    await wrong({ settings: { GRANDSTAND_BATCH_MS: "x" } }, "GRANDSTAND_BATCH_MS");
  });

  it("OP9: when the app closes, live clients are asked to reconnect, and running calls finish", async () => {
    const ws = await openUser(url, "ada");
    const bo = await restDriver.open(url, await tokenFor("bo"));
    const running = bo.call("chat.send", { room: "r", text: "slow" });
    await eventually(() => expect(isSlowHookRunning).toBe(true));
    const closed = once(ws.socket, "close");
    own.close();
    await app.close();
    expect((await closed)[0]).toBe(4009);
    expect(await running).toMatchObject({ ok: true });
  });
});
