import type { ServerResponse } from "node:http";
import { verifyWebhook } from "@grandstand/sdk/webhook";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../src/ops/log.js";
import { dataOf, failure } from "../support/acks.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openEventStream } from "../support/drivers/sse-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { readMetrics } from "../support/metrics.js";
import { freshId, TEST_API_KEY, TEST_HOOKS_SECRET } from "../support/names.js";
import { type Receiver, startRawReceiver, startReceiver } from "../support/receiver.js";
import { TOKEN_SECRET, tokenFor } from "../support/tokens.js";

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its question
type Question = any;

let receiver: Receiver;
let node: TestNode;

const settings = {
  GRANDSTAND_HOOKS_SECRET: TEST_HOOKS_SECRET,
  GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET,
  // The timeout is long, so that hooks answer in time on a slow machine.
  GRANDSTAND_HOOKS_TIMEOUT_MS: "2000",
};

beforeAll(async () => {
  receiver = await startReceiver();
  node = await startTestNode({ ...settings, GRANDSTAND_HOOKS_URL: `${receiver.url}/hooks` });
});

beforeEach(() => {
  answer(() => ({}));
  receiver.requests.length = 0;
});

afterAll(async () => {
  await node.close();
  await receiver.close();
});

function answer(decide: (question: Question) => object): void {
  receiver.answer(({ body }, response) => response.end(JSON.stringify(decide(JSON.parse(body)))));
}

function questions(): Question[] {
  return receiver.requests.map(({ body }) => JSON.parse(body));
}

async function openUser(user: string, claims = {}, at = node) {
  return openWebSocket(at.url, await tokenFor(user, claims));
}

async function restUser(user: string, at = node) {
  return restDriver.open(at.url, await tokenFor(user));
}

describe("OP9: hooks over HTTP", () => {
  it("OP9: each hook gets a signed request that names the operation, its input, the user and the address", async () => {
    const room = freshId("room");
    const board = freshId("board");
    const api = await restDriver.open(node.url, TEST_API_KEY);
    dataOf(await api.call("leaderboard.configure", { board, submit: "member" }));
    const ada = await openUser("ada", { name: "Ada", role: "vip" });
    dataOf(await ada.call("channel.subscribe", { channel: `chat:${room}` }));
    dataOf(await ada.call("presence.enter", { room, state: { mood: "good" } }));
    dataOf(await ada.call("presence.update", { room, state: { mood: "bad" } }));
    const { message } = dataOf(await ada.call("chat.send", { room, text: "Hello" }));
    dataOf(await ada.call("chat.edit", { room, offset: message.offset, text: "Hi" }));
    dataOf(await ada.call("leaderboard.submit", { board, member: "ada", score: 5 }));
    await ada.close();
    const address = "127.0.0.1";
    const user = { id: "ada", name: "Ada", avatar: null, isGuest: false, role: "vip" };
    const about = { user, address };
    expect(questions()).toEqual([
      { hook: "connect", ...about },
      {
        hook: "channel.subscribe",
        operation: "channel.subscribe",
        input: { channel: `chat:${room}` },
        ...about,
      },
      {
        hook: "presence.enter",
        operation: "presence.enter",
        input: { room, state: { mood: "good" } },
        ...about,
      },
      {
        hook: "presence.enter",
        operation: "presence.update",
        input: { room, state: { mood: "bad" } },
        ...about,
      },
      { hook: "chat.send", operation: "chat.send", input: { room, text: "Hello" }, ...about },
      {
        hook: "chat.send",
        operation: "chat.edit",
        input: expect.objectContaining({ room, offset: message.offset, text: "Hi" }),
        ...about,
      },
      {
        hook: "leaderboard.submit",
        operation: "leaderboard.submit",
        input: { board, member: "ada", score: 5 },
        ...about,
      },
    ]);
    for (const { body, headers, path } of receiver.requests) {
      expect(path).toBe("/hooks");
      expect(await verifyWebhook(body, headers, TEST_HOOKS_SECRET)).toEqual(JSON.parse(body));
      await expect(verifyWebhook(`${body} `, headers, TEST_HOOKS_SECRET)).rejects.toThrow("signature");
    }
  });

  it("OP9: no hook is called for a call with an API key, or for an invalid call", async () => {
    const server = await openWebSocket(node.url, TEST_API_KEY);
    dataOf(await server.call("chat.send", { room: "r", text: "from the app" }));
    await server.close();
    const ada = await restUser("ada");
    expect(await ada.call("chat.send", { room: "r", text: "" })).toMatchObject({
      error: { code: "bad_request" },
    });
    dataOf(await ada.call("chat.history", { room: "r" }));
    expect(questions()).toEqual([]);
  });

  it("OP9: the caller gets the refusal of a hook unchanged, and the call has no effect", async () => {
    const room = freshId("room");
    answer(({ hook }) => (hook === "chat.send" ? { refuse: "Be kind", code: "conflict" } : {}));
    const refused = { ok: false, error: { code: "conflict", message: "Be kind" } };
    const ada = await openUser("ada");
    expect(await ada.call("chat.send", { room, text: "x" })).toEqual(refused);
    expect(await (await restUser("ada")).call("chat.send", { room, text: "x" })).toEqual(refused);
    answer(() => ({ refuse: "No" }));
    expect(await ada.call("channel.subscribe", { channel: `chat:${room}` })).toEqual({
      ok: false,
      error: { code: "forbidden", message: "No" },
    });
    await ada.close();
    const api = await restDriver.open(node.url, TEST_API_KEY);
    expect(dataOf(await api.call("chat.history", { room })).messages).toEqual([]);
  });

  it("OP9: a refusal by the hook `connect` reaches clients of WebSocket, Socket.IO and SSE with its message", async () => {
    answer(() => ({ refuse: "You are banned" }));
    const token = await tokenFor("ada");
    const error = { code: "forbidden", message: "You are banned" };
    const ws = await openWebSocket(node.url, token);
    expect(ws.connected).toEqual({ ok: false, error });
    expect(await ws.call("chat.send", { room: "r", text: "x" })).toMatchObject({ ok: false });
    ws.socket.terminate();
    await expect(openSocketIo(node.url, token)).rejects.toMatchObject({ data: error });
    const stream = await openEventStream(node.url, token, "chat:r/events");
    expect(stream.response.status).toBe(403);
    expect(await stream.response.json()).toMatchObject({ code: "forbidden", detail: "You are banned" });
    await eventually(() => expect(node.connectionCount()).toBe(0));
  });

  it("OP9: when a hook refuses the user of a cookie, the upgrade to a WebSocket is refused", async () => {
    const created = await fetch(`${node.url}/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Guest", cookie: true }),
    });
    const cookie = created.headers.get("set-cookie")!.split(";")[0]!;
    answer(() => ({ refuse: "You are banned" }));
    await expect(openWebSocket(node.url, null, { cookie, origin: node.url })).rejects.toThrow("403");
  });

  it("OP9: the hook `connect` is called for `auth.refresh` too", async () => {
    const ada = await openUser("ada");
    answer(() => ({ refuse: "Not any more" }));
    expect(await ada.call("auth.refresh", { token: await tokenFor("ada") })).toEqual({
      ok: false,
      error: { code: "forbidden", message: "Not any more" },
    });
    await ada.close();
  });

  it("OP9: a field that a hook changes takes effect, and the changed input is authorized again", async () => {
    const room = freshId("room");
    answer(({ input }) => ({ input: { text: input?.text?.replace("darn", "****") } }));
    const ada = await restUser("ada");
    const { message } = dataOf(await ada.call("chat.send", { room, text: "darn it", metadata: { a: 1 } }));
    expect(message).toMatchObject({ text: "**** it", metadata: { a: 1 } });
    const api = await restDriver.open(node.url, TEST_API_KEY);
    expect(dataOf(await api.call("chat.history", { room })).messages).toMatchObject([{ text: "**** it" }]);
    // The caller needs a right on the room that the hook chose.
    answer(({ hook }) => (hook === "connect" ? {} : { input: { room: "staff" } }));
    const caps = [{ channels: [`chat:${room}`], allow: ["publish"] }];
    const bo = await openUser("bo", { caps });
    expect(await bo.call("chat.send", { room, text: "x" })).toMatchObject(failure("forbidden"));
    await bo.close();
  });

  it("OP9: caps that a hook gives at `connect` or at a call apply to the whole connection, also after `auth.refresh`", async () => {
    const room = freshId("room");
    const api = await restDriver.open(node.url, TEST_API_KEY);
    dataOf(await api.call("chat.configure", { room, visibility: "private" }));
    const channel = `chat:${room}`;
    answer(({ hook }) =>
      hook === "connect" ? { caps: [{ channels: [channel], allow: ["subscribe"] }] } : {},
    );
    const ada = await openUser("ada", { caps: [] });
    dataOf(await ada.call("channel.subscribe", { channel }));
    expect(await ada.call("chat.send", { room, text: "x" })).toMatchObject(failure("forbidden"));
    answer(({ hook }) =>
      hook === "chat.send" ? { caps: [{ channels: [channel], allow: ["publish"] }] } : {},
    );
    dataOf(await ada.call("chat.send", { room, text: "one" }));
    answer(() => ({}));
    dataOf(await ada.call("auth.refresh", { token: await tokenFor("ada", { caps: [] }) }));
    dataOf(await ada.call("chat.send", { room, text: "two" }));
    await eventually(() =>
      expect(ada.pushes.flatMap(({ publications }) => publications).map(({ offset }) => offset)).toEqual([
        1, 2,
      ]),
    );
    // REST calls have no connection, so the hook has to give the caps for each call.
    const rest = await restDriver.open(node.url, await tokenFor("ada", { caps: [] }));
    answer(() => ({ caps: [{ channels: [channel], allow: ["publish"] }] }));
    dataOf(await rest.call("chat.send", { room, text: "three" }));
    answer(() => ({}));
    expect(await rest.call("chat.send", { room, text: "four" })).toMatchObject(failure("forbidden"));
    await ada.close();
  });

  it("OP9: caps of a hook for the pattern `*` give no access to channels and direct rooms of other users", async () => {
    answer(() => ({ caps: [{ channels: ["*"], allow: ["subscribe", "publish", "moderate"] }] }));
    const ada = await openUser("ada");
    for (const channel of ["user:bo", "chat:dm:bo:cy"]) {
      expect(await ada.call("channel.subscribe", { channel })).toMatchObject(failure("forbidden"));
    }
    await ada.close();
  });

  it("OP9: an answer with `cacheSeconds` is used again for the same question, and an answer without it is not", async () => {
    const room = freshId("room");
    answer(() => ({ cacheSeconds: 60 }));
    const [ada, bo] = [await restUser("ada"), await restUser("bo")];
    for (let time = 0; time < 3; time += 1) dataOf(await ada.call("chat.send", { room, text: "same" }));
    expect(questions()).toHaveLength(1);
    dataOf(await ada.call("chat.send", { room, text: "other" }));
    dataOf(await bo.call("chat.send", { room, text: "same" }));
    expect(questions()).toHaveLength(3);
    answer(() => ({}));
    dataOf(await ada.call("chat.send", { room, text: "new" }));
    dataOf(await ada.call("chat.send", { room, text: "new" }));
    expect(questions()).toHaveLength(5);
  });
});

describe("OP9: a hook that fails affects only its own calls", () => {
  const lines: string[] = [];
  const log = createLog({ level: "warn", isPretty: false }, { write: (line) => void lines.push(line) });
  /** Refuses a call when the hook fails. */
  let closed: TestNode;
  /** Allows a call when the hook fails. */
  let open: TestNode;
  /** The URL of this node's hooks is one at which nothing listens. */
  let down: TestNode;

  beforeAll(async () => {
    const url = receiver.url.replace("//", "//name:url-password-of-the-test@");
    const failing = { ...settings, GRANDSTAND_HOOKS_URL: url, GRANDSTAND_HOOKS_TIMEOUT_MS: "" };
    closed = await startTestNode(failing, undefined, undefined, log);
    open = await startTestNode({ ...failing, GRANDSTAND_HOOKS_FAIL: "open", GRANDSTAND_HOOKS: "chat.send" });
    const nowhere = await startRawReceiver(() => {});
    await nowhere.close();
    down = await startTestNode({ ...settings, GRANDSTAND_HOOKS_URL: nowhere.url }, undefined, undefined, log);
  });

  afterAll(async () => {
    for (const one of [closed, open, down]) await one.close();
  });

  const room = freshId("room");
  const unavailable = {
    ok: false,
    error: { code: "unavailable", message: "The app can't decide about this right now", retryAfterMs: 1_000 },
  };

  const faults: [string, (response: ServerResponse) => void][] = [
    ["500", (response) => response.writeHead(500).end("{}")],
    [
      "a redirect",
      (response) => response.writeHead(302, { location: `${receiver.url}/elsewhere` }).end("{}"),
    ],
    ["text that is not JSON", (response) => response.end("<html>")],
    ["JSON that is not an object", (response) => response.end('"yes"')],
    ["an empty body", (response) => response.end()],
    ["an unknown field", (response) => response.end('{"allowed": true}')],
    ["a field of the wrong type", (response) => response.end('{"refuse": true}')],
    ["caps in a wrong form", (response) => response.end('{"caps": [{"channels": "*", "allow": ["all"]}]}')],
    ["an invalid input", (response) => response.end('{"input": {"text": ""}}')],
    ["an input of another operation", (response) => response.end('{"input": {"score": 1}}')],
    ["more than 64 KiB", (response) => response.end(`{"refuse": "${"x".repeat(70_000)}"}`)],
    ["a broken connection", (response) => response.destroy()],
    ["half an answer", (response) => void response.writeHead(200, { "content-length": "99" }).write("{")],
  ];
  it.each(faults)(
    "OP9: when a hook answers with %s, the call is refused, or allowed if the settings say so",
    async (_, fail) => {
      receiver.answer((_request, response) => fail(response));
      const [ada, bo] = await Promise.all([restUser("ada", closed), restUser("bo", open)]);
      const [refused, allowed] = await Promise.all([
        ada.call("chat.send", { room, text: "original" }),
        bo.call("chat.send", { room, text: "original" }),
      ]);
      expect(refused).toEqual(unavailable);
      expect(dataOf(allowed).message.text).toBe("original");
      expect(receiver.requests.map(({ path }) => path)).not.toContain("/elsewhere");
    },
  );

  it("OP9: a hook that is down or does not answer delays no other operation", async () => {
    const ada = await restUser("ada", down);
    expect(await ada.call("chat.send", { room, text: "x" })).toEqual(unavailable);
    dataOf(await ada.call("chat.history", { room }));
    const ws = await openUser("ada", {}, down);
    expect(ws.connected).toEqual(unavailable);
    ws.socket.terminate();

    receiver.answer(() => {});
    const cy = await restUser("cy", closed);
    const held = Array.from({ length: 200 }, () => cy.call("chat.send", { room, text: "x" }));
    // The waiting calls occupy all connections to the hook.
    await eventually(() => expect(receiver.requests.length).toBeGreaterThan(0));
    dataOf(await cy.call("chat.history", { room }));
    expect(await closed.readiness()).toMatchObject({ reads: true, writes: true, subscriptions: true });
    for (const ack of await Promise.all(held)) expect(ack).toMatchObject({ error: { code: "unavailable" } });
    answer(() => ({}));
    await eventually(async () => dataOf(await cy.call("chat.send", { room, text: "back" })));
  });

  it("OP9: only the hooks that the settings name are called", async () => {
    const ada = await openUser("ada", {}, open);
    dataOf(await ada.call("channel.subscribe", { channel: `chat:${room}` }));
    dataOf(await ada.call("chat.send", { room, text: "x" }));
    await ada.close();
    expect(questions().map(({ hook }) => hook)).toEqual(["chat.send"]);
  });

  it("OP9: the log names a hook that fails, in few lines for hundreds of failures, and contains no secret", () => {
    const reports = lines.filter((line) => line.includes("a hook failed"));
    expect(reports.length).toBeGreaterThan(0);
    expect(JSON.parse(reports[0]!)).toMatchObject({
      hook: "chat.send",
      source: "http",
      consequence: "refused",
    });
    expect(reports.join("")).toContain("the hook connect failed: connect ECONNREFUSED");
    // Hundreds of calls failed, but only a few log lines report it.
    expect(reports.length).toBeLessThan(20);
    expect(lines.join("\n")).not.toMatch(/url-password-of-the-test|hooks-secret-of-the-tests|original/);
  });

  it("OP9: metrics count the decisions of hooks", async () => {
    const metrics = await readMetrics(closed.metricsUrl!);
    const count = (outcome: string) =>
      metrics.value("grandstand_hook_duration_seconds_count", { hook: "chat.send", source: "http", outcome });
    expect(count("failed")).toBeGreaterThanOrEqual(200);
    expect(count("allowed")).toBeGreaterThanOrEqual(1);
  });
});
