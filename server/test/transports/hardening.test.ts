import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { pino } from "pino";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../support/accounts.js";
import { openSocketIo } from "../support/drivers/socketio-driver.js";
import { openEventStream } from "../support/drivers/sse-driver.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshPrefix, TEST_API_KEY } from "../support/names.js";
import { startNode } from "../support/node-process.js";

const PAGE = "https://play.example.com";

let node: TestNode;
/** A node in production that allows a page of another host. */
let production: TestNode;

beforeAll(async () => {
  node = await startTestNode();
  production = await startTestNode({
    NODE_ENV: "production",
    GRANDSTAND_API_KEYS: "test:9c41f0d7b25e83aa",
    GRANDSTAND_TOKEN_SECRET: "a9c41f0d7b25e83aa9c41f0d7b25e83a",
    GRANDSTAND_CORS_ORIGINS: PAGE,
  });
});

afterAll(() => Promise.all([node.close(), production.close()]));

/** Sends raw bytes. @returns everything that the node sends until it closes the connection */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(Number(new URL(node.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.end(bytes);
  });
}

describe("AU7: origins of browsers", () => {
  const host = () => new URL(production.url).host;
  const webSocketFrom = (origin: string) =>
    openWebSocket(production.url, null, { origin, authorization: "Bearer 9c41f0d7b25e83aa" });
  const socketIoFrom = (origin: string, transport: "websocket" | "polling") =>
    new Promise<string>((resolve) => {
      const socket = io(production.url, {
        auth: { token: "9c41f0d7b25e83aa" },
        transports: [transport],
        extraHeaders: { origin },
        forceNew: true,
        reconnection: false,
      });
      const settle = (outcome: string) => {
        socket.disconnect();
        resolve(outcome);
      };
      socket.on("welcome", () => settle("welcome"));
      socket.on("connect_error", (error) => settle(`refused: ${error.message}`));
    });

  it("the node's own host and the origins in the settings are accepted", async () => {
    for (const origin of [PAGE, `http://${host()}`]) {
      const client = await webSocketFrom(origin);
      expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
      await client.close();
      expect(await socketIoFrom(origin, "websocket")).toBe("welcome");
      const stream = await openEventStream(production.url, "9c41f0d7b25e83aa", "chat:r/events", { origin });
      expect(stream.response.status).toBe(200);
      await stream.close();
    }
  });

  it.each([
    "https://evil.example",
    "http://localhost:5173",
    "https://play.example.com.evil.example",
    "null",
    "file://",
  ])("any other origin is refused in production: %s", async (origin) => {
    await expect(webSocketFrom(origin)).rejects.toThrow("403");
    for (const transport of ["websocket", "polling"] as const) {
      expect(await socketIoFrom(origin, transport)).toMatch(/^refused/);
    }
    const stream = await openEventStream(production.url, "9c41f0d7b25e83aa", "chat:r/events", { origin });
    expect(stream.response.status).toBe(403);
    expect(await stream.response.json()).toMatchObject({ code: "forbidden" });
  });

  it("localhost is accepted outside of production, but not a host that begins with `localhost.`", async () => {
    const client = await openWebSocket(node.url, TEST_API_KEY, { origin: "http://localhost:5173" });
    expect(client.connected).toMatchObject({ ok: true });
    await client.close();
    await expect(
      openWebSocket(node.url, TEST_API_KEY, { origin: "http://localhost.evil.example" }),
    ).rejects.toThrow("403");
  });
});

describe("AU7: headers", () => {
  it("responses have headers that prevent sniffing, and below `/v1` also embedding and caching", async () => {
    const headers = { authorization: `Bearer ${TEST_API_KEY}` };
    for (const path of [
      "/v1/leaderboards",
      "/v1/leaderboards/none",
      "/v1/nowhere",
      "/v1/channels/chat:r/events",
    ]) {
      const abort = new AbortController();
      const response = await fetch(node.url + path, { headers, signal: abort.signal });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "cache-control": path.endsWith("/events") ? "no-store, no-transform" : "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      });
      abort.abort();
    }
    for (const path of ["/health/live", "/openapi.json", "/socket.io/?EIO=4&transport=polling"]) {
      expect((await fetch(node.url + path)).headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("responses do not name the server software", async () => {
    const { headers } = await fetch(`${node.url}/health/live`);
    expect(headers.get("server")).toBeNull();
    expect(headers.get("x-powered-by")).toBeNull();
  });

  it("the handshake offers no compression of frames, because a few bytes could expand to megabytes", async () => {
    const { socket } = await openWebSocket(node.url, TEST_API_KEY);
    expect(socket.extensions).toBe("");
    socket.close();
    const { socket: socketIo, close } = await openSocketIo(node.url, TEST_API_KEY);
    const { transport } = socketIo.io.engine as unknown as { transport: { ws: { extensions: string } } };
    expect(transport.ws.extensions).toBe("");
    await close();
  });
});

describe("AU6: a request that is malformed or has no route", () => {
  it.each([
    ["the method TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 405 /],
    ["the method CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", /^$/],
    ["no Host header", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 400 /],
    [
      "two Host headers",
      "GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
      /^HTTP\/1.1 (200|400) /,
    ],
    [
      "the URL of another host",
      "GET http://evil.example/v1/leaderboards HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      /^HTTP\/1.1 (401|404) /,
    ],
    [
      "two Content-Length headers",
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      /^HTTP\/1.1 400 /,
    ],
    [
      "both Content-Length and Transfer-Encoding",
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      /^HTTP\/1.1 400 /,
    ],
    [
      "a header of 17 KiB",
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(17_408)}\r\n\r\n`,
      /^HTTP\/1.1 400 /,
    ],
    ["a path of 17 KiB", `GET /${"x".repeat(17_408)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1.1 400 /],
    [
      "a path with `..`",
      "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      /^HTTP\/1.1 404 /,
    ],
    [
      "a header with a carriage return in it",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
      /^HTTP\/1.1 400 /,
    ],
    ["a TLS handshake", "\u0016\u0003\u0001\u0002", /^HTTP\/1.1 400 /],
  ])("gets a response or is closed, and the node stays alive: %s", async (_what, bytes, answer) => {
    const answered = await answerTo(bytes);
    expect(answered).toMatch(answer);
    expect(answered).not.toMatch(/node_modules|\n {4}at /);
    expect((await fetch(`${node.url}/health/live`)).status).toBe(200);
  });

  it("a body over 64 KiB is `payload_too_large`, JSON deeper than 32 is `bad_request`, `__proto__` does nothing", async () => {
    const put = (body: string) =>
      fetch(`${node.url}/v1/counters/c`, {
        method: "PUT",
        headers: { authorization: `Bearer ${TEST_API_KEY}`, "content-type": "application/json" },
        body,
      });
    const large = await put(`{"kind":"${"x".repeat(65_536)}"}`);
    expect([large.status, await large.json()]).toMatchObject([413, { code: "payload_too_large" }]);
    const deep = await put(`{"min":${"[".repeat(40)}${"]".repeat(40)}}`);
    expect([deep.status, await deep.json()]).toMatchObject([400, { issues: [{ rule: "depth" }] }]);
    expect((await put('{"__proto__":{"kind":"unique"}}')).status).toBe(200);
    expect(({} as { kind?: string }).kind).toBeUndefined();
  });
});

describe("AU1, OP1: secrets", () => {
  it("a secret in a URL authenticates on no transport, and no REST or SSE response repeats it", async () => {
    for (const name of ["token", "access_token", "api_key", "apiKey", "authorization"]) {
      const query = `${name}=${TEST_API_KEY}`;
      for (const path of ["/v1/leaderboards", "/v1/channels/chat:r/events"]) {
        const response = await fetch(`${node.url}${path}?${query}`);
        expect(response.status).toBe(401);
        expect(await response.text()).not.toContain(TEST_API_KEY);
      }
      const webSocket = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws?${query}`);
      await once(webSocket, "open");
      webSocket.send('{"id":1,"op":"leaderboard.list"}');
      const [answer] = await once(webSocket, "message");
      expect(String(answer)).toContain("unauthenticated");
      webSocket.terminate();
      const socketIo = io(node.url, { query: { [name]: TEST_API_KEY }, forceNew: true, reconnection: false });
      const error = await new Promise<Error>((resolve) => socketIo.on("connect_error", resolve));
      expect(error).toMatchObject({ data: { code: "unauthenticated" } });
      socketIo.disconnect();
    }
  });

  it("the log at level trace contains no secret, whether valid or not", async () => {
    const chatty = await startNode({
      redisUrl: inject("redisUrl"),
      prefix: freshPrefix(),
      env: { LOG_LEVEL: "trace", GRANDSTAND_LIMITS: "" },
    });
    const { token } = await newGuest(chatty.url);
    const wrong = [
      "gss_wrong-session-c2VjcmV0",
      "wrong-key-c2VjcmV0",
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
    ];
    const secrets = [TEST_API_KEY, token, ...wrong];
    for (const secret of secrets) {
      for (const headers of [
        { authorization: `Bearer ${secret}` },
        { "x-api-key": secret },
        { cookie: `session=${secret}` },
        { authorization: `Basic ${secret}`, "x-forwarded-for": "203.0.113.7" },
      ] as Record<string, string>[]) {
        await fetch(`${chatty.url}/v1/leaderboards?token=${secret}`, { headers });
        await fetch(`${chatty.url}/v1/sessions`, { method: "POST", headers, body: `{"token":"${secret}` });
      }
      await openSocketIo(chatty.url, secret).then(
        (client) => client.close(),
        () => {},
      );
      const webSocket = await openWebSocket(chatty.url, secret);
      // A refused client gets no further reply.
      if (webSocket.connected?.ok) await webSocket.call("leaderboard.list", { token: secret });
      webSocket.socket.terminate();
    }
    // A request that ends in the middle of its body.
    const socket = connectTcp(chatty.port, "127.0.0.1");
    socket.write("POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
    socket.write(`Authorization: Bearer ${token}\r\nContent-Length: 900\r\n\r\n{"token":"${token}`);
    await once(socket, "connect");
    socket.end();
    await once(socket.resume(), "close");
    await fetch(`${chatty.url}/v1/nowhere?${secrets.join("&")}`);
    await chatty.stop();
    const log = chatty.output.join("\n");
    expect(log).toContain("listening");
    // The hint to set GRANDSTAND_TRUSTED_PROXIES is logged once, although many requests are forwarded.
    expect(chatty.output.filter((line) => line.includes("GRANDSTAND_TRUSTED_PROXIES"))).toHaveLength(1);
    // Invalid input of clients must not be logged as an error of the node.
    expect(log).not.toMatch(/"level":[56]0/);
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});

describe("AU7: GRANDSTAND_CORS_ORIGINS", () => {
  it("allows origins by a wildcard and origins of apps, and a refused origin is logged once", async () => {
    const lines: { msg: string; origin?: string }[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const origins = "https://*.example.com,capacitor://localhost";
    const wide = await startTestNode({ GRANDSTAND_CORS_ORIGINS: origins }, undefined, {}, log);
    const allowed = async (origin: string) => {
      const response = await fetch(`${wide.url}/health/live`, { headers: { origin } });
      return response.headers.get("access-control-allow-origin");
    };
    for (const origin of ["https://eu.example.com", "capacitor://localhost"]) {
      expect(await allowed(origin)).toBe(origin);
      await (await openWebSocket(wide.url, TEST_API_KEY, { origin })).close();
    }
    for (let round = 0; round < 2; round += 1) {
      expect(await allowed("https://a.b.example.com")).toBeNull();
      await expect(
        openWebSocket(wide.url, TEST_API_KEY, { origin: "https://a.b.example.com" }),
      ).rejects.toThrow("403");
    }
    const refusals = lines.filter(({ msg }) => msg.includes("GRANDSTAND_CORS_ORIGINS"));
    expect(refusals.map(({ origin }) => origin)).toEqual(["https://a.b.example.com"]);
    await wide.close();
  });
});
