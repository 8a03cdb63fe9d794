import { once } from "node:events";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../../../test/support/accounts.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../../test/support/redis-client.js";
import { readConfig } from "../../config/config.js";
import { Keys } from "../../redis/keys.js";

let node: TestNode;
let redis: TestRedis;
let keys: Keys;

const FRIEND = "https://play.example.com";

beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_CORS_ORIGINS: FRIEND });
  redis = await connectTestRedis();
  keys = new Keys(node.prefix);
});

afterAll(async () => {
  await redis.close();
  await node.close();
});

interface CookieSession {
  id: string;
  user: { id: string };
  token: string | null;
  /** The cookie's name and value, as a browser sends them back. */
  cookie: string;
  setCookie: string;
}

function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const json = { "content-type": "application/json", ...headers };
  return fetch(`${url}/v1/sessions`, { method: "POST", headers: json, body: JSON.stringify(body) });
}

/** Creates a session of a guest, with a cookie. */
async function newCookie(url = node.url, headers: Record<string, string> = {}): Promise<CookieSession> {
  const response = await post(url, { name: "Ann", cookie: true }, headers);
  expect(response.status).toBe(201);
  const setCookie = response.headers.getSetCookie().at(-1)!;
  return { ...(await response.json()), cookie: setCookie.split(";", 1)[0]!, setCookie };
}

function get(path: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${node.url}${path}`, { headers });
}

/** Sends a chat message, as an example of a write. */
function write(headers: Record<string, string>): Promise<Response> {
  return fetch(`${node.url}/v1/chat/${freshId("room")}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ text: "hello" }),
  });
}

describe("AU1: a session in a cookie", () => {
  it("is HttpOnly and SameSite=Lax, and the reply does not show its token", async () => {
    const { token, setCookie } = await newCookie();
    expect(token).toBeNull();
    expect(setCookie).toMatch(/^grandstand=gss_/);
    for (const attribute of ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="])
      expect(setCookie).toContain(attribute);
    expect(setCookie).not.toContain("Secure");
  });

  it("is Secure in production, with the prefix that binds it to its host, also if a proxy that ends TLS sends plain HTTP", async () => {
    const production = await startTestNode({
      NODE_ENV: "production",
      GRANDSTAND_API_KEYS: "test:9c41f0d7b25e83aa",
      GRANDSTAND_TOKEN_SECRET: "a secret of tests of 32 bytes or more",
    });
    const { setCookie, cookie } = await newCookie(production.url);
    expect(setCookie).toMatch(/^__Host-grandstand=/);
    for (const attribute of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"])
      expect(setCookie).toContain(attribute);
    expect(setCookie).not.toContain("Domain");
    const response = await fetch(`${production.url}/v1/sessions`, { headers: { cookie } });
    expect(response.status).toBe(200);
    await production.close();
  });

  it("is not set unless the client asks for it", async () => {
    const response = await post(node.url, { name: "Ann" });
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toMatchObject({ token: expect.stringMatching(/^gss_/) });
    const refused = await post(node.url, { name: "", cookie: true });
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([400, []]);
  });

  it("is stored in Redis without its token and its id, and expires", async () => {
    const { id, cookie } = await newCookie();
    const token = decodeURIComponent(cookie.split("=")[1]!).split(".")[0]!;
    const stored = JSON.stringify(await redis.commands.hgetall(keys.session(id).record));
    expect(stored).toContain("guest-");
    expect(stored).not.toContain(token.slice(4));
    expect(stored).not.toContain(id);
    expect(await redis.commands.ttl(keys.session(id).record)).toBeGreaterThan(6 * 86_400);
  });

  it("is accepted by every node, and refused when it was changed", async () => {
    const { cookie, user } = await newCookie();
    const other = await startTestNode({ GRANDSTAND_PREFIX: node.prefix });
    const status = async (sent: string) =>
      (await fetch(`${other.url}/v1/sessions`, { headers: { cookie: sent } })).status;
    expect(await status(`theme=dark; ${cookie}; a=b`)).toBe(200);
    expect(await status(`${cookie}x`)).toBe(401);
    expect(await status(cookie.split(".")[0]!)).toBe(401);
    expect(await status("grandstand=%")).toBe(401);
    expect(await status("theme=dark")).toBe(401);
    expect(user.id).toMatch(/^guest-/);
    await other.close();
  });

  it("is accepted by every node again after Redis lost the secret that signs it", async () => {
    const { identityPace } = readConfig({});
    const asking = { identityPace: { ...identityPace, reviewMs: 100 } };
    const near = await startTestNode({}, inject("redisUrl"), asking);
    const { cookie } = await newCookie(near.url);
    const { cookieSecret } = new Keys(near.prefix).identity;
    const secret = (await redis.commands.get(cookieSecret))!;
    await redis.commands.unlink(cookieSecret);
    await eventually(async () => expect(await redis.commands.get(cookieSecret)).toBe(secret));
    // As if another node had stored a secret of its own first.
    await redis.commands.set(cookieSecret, "another secret of 32 bytes or more", "PX", 60_000);
    const far = await startTestNode({ GRANDSTAND_PREFIX: near.prefix });
    const { cookie: theirs } = await newCookie(far.url);
    const status = async ({ url }: TestNode, sent: string) =>
      (await fetch(`${url}/v1/sessions`, { headers: { cookie: sent } })).status;
    await eventually(async () => expect(await status(near, theirs)).toBe(200));
    expect(await status(near, cookie)).toBe(200);
    expect(await status(far, (await newCookie(near.url)).cookie)).toBe(200);
    await Promise.all([near.close(), far.close()]);
  });

  it("is ignored when a header has a token", async () => {
    const { cookie } = await newCookie();
    const response = await get("/v1/keys", { cookie, authorization: `Bearer ${TEST_API_KEY}` });
    expect(response.status).toBe(200);
  });

  it("does not prevent a new session when it has expired", async () => {
    const { id, cookie } = await newCookie();
    await redis.commands.unlink(keys.session(id).record);
    const next = await newCookie(node.url, { cookie });
    expect(next.id).not.toBe(id);
    expect((await get("/v1/sessions", { cookie: next.cookie })).status).toBe(200);
  });

  it("is cleared when its own session is revoked, and only then", async () => {
    const { id, cookie } = await newCookie();
    const other = await newCookie();
    const end = (session: string, headers: Record<string, string>) =>
      fetch(`${node.url}/v1/sessions/${session}`, { method: "DELETE", headers });
    const server = { authorization: `Bearer ${TEST_API_KEY}` };
    expect((await end(other.id, { ...server, cookie })).headers.getSetCookie()).toEqual([]);
    const ended = await end(id, { cookie, origin: node.url });
    expect(ended.status).toBe(200);
    expect(ended.headers.getSetCookie()).toMatchObject([expect.stringMatching(/^grandstand=; .*Max-Age=0/)]);
    expect((await get("/v1/sessions", { cookie })).status).toBe(401);
    expect(await redis.commands.exists(keys.session(id).record)).toBe(0);
  });

  it("is not set by the reply to a request without a cookie", async () => {
    const response = await get("/v1/counters/none", { authorization: `Bearer ${TEST_API_KEY}` });
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe("AU1: a client with a cookie", () => {
  /** The headers of a browser's request from a page of this node. */
  const own = () => ({ origin: node.url });
  const otherPages = [
    {},
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { origin: "https://play.example.com.evil.example" },
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://blog.example.com" },
    { "sec-fetch-site": "none" },
  ] as Record<string, string>[];
  /** Pages that are known to have another origin: they may not connect at all. */
  const foreign = otherPages.filter(({ origin }) => origin !== undefined);
  const unknown = otherPages.filter(({ origin }) => origin === undefined);
  const friends = () => [
    own(),
    { origin: FRIEND },
    { "sec-fetch-site": "same-origin" },
    { origin: "https://front.example", "x-forwarded-host": "front.example" },
  ];

  it("reads over REST from anywhere, and writes from pages of this host and of allowed origins", async () => {
    const { cookie } = await newCookie();
    expect((await get("/v1/sessions", { cookie })).status).toBe(200);
    for (const headers of friends()) {
      const response = await write({ cookie, ...headers });
      expect([headers, await response.json()]).toMatchObject([headers, { message: { text: "hello" } }]);
    }
    for (const headers of otherPages) {
      const response = await write({ cookie, ...headers });
      expect(await response.json()).toMatchObject({
        code: "forbidden",
        detail: expect.stringContaining("cookie"),
      });
    }
  });

  it("writes from any page if a header has a token too, because other pages don't have the token", async () => {
    const { cookie } = await newCookie();
    const { token } = await newGuest(node.url);
    const response = await write({ cookie, ...otherPages[1]!, authorization: `Bearer ${token}` });
    expect(response.status).toBe(200);
  });

  it("follows a channel over SSE, as EventSource does", async () => {
    const { cookie } = await newCookie();
    const abort = new AbortController();
    const response = await fetch(`${node.url}/v1/channels/counter:c/events`, {
      headers: { cookie },
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    abort.abort();
    await eventually(() => expect(node.connectionCount()).toBe(0));
  });

  it("opens a WebSocket from pages of this host and of allowed origins", async () => {
    const { cookie, user } = await newCookie();
    for (const headers of friends()) {
      expect(await firstAnswer({ cookie, ...headers })).toMatchObject({
        ok: true,
        data: { user: { id: user.id } },
      });
    }
    for (const headers of unknown) {
      // The cookie is ignored, so the first frame has to present a token.
      expect(await firstAnswer({ cookie, ...headers })).toMatchObject({
        ok: false,
        error: { code: "bad_request", issues: [{ path: "token" }] },
      });
    }
    for (const headers of foreign) await expect(firstAnswer({ cookie, ...headers })).rejects.toThrow("403");
  });

  it("opens a WebSocket with a token in its first frame when the cookie is invalid", async () => {
    const { id, cookie } = await newCookie();
    await redis.commands.unlink(keys.session(id).record);
    expect(await firstAnswer({ cookie, ...own() }, TEST_API_KEY)).toMatchObject({
      ok: true,
      data: { user: null },
    });
  });

  async function firstAnswer(headers: Record<string, string>, token?: string): Promise<unknown> {
    const socket = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws`, { headers });
    await once(socket, "open");
    socket.send(JSON.stringify({ id: 1, op: "connect", data: { token } }));
    const [text] = await once(socket, "message");
    socket.close();
    return JSON.parse(String(text));
  }

  for (const transport of ["websocket", "polling"]) {
    it(`opens Socket.IO over ${transport} from pages of this host and of allowed origins`, async () => {
      const { cookie, user } = await newCookie();
      const open = (headers: Record<string, string>, auth = {}) => {
        const extraHeaders = { cookie, ...headers };
        const options = { extraHeaders, auth, transports: [transport], forceNew: true, reconnection: false };
        const socket = io(node.url, options);
        return new Promise((resolve) => {
          socket.on("welcome", (welcome) => resolve(welcome.user));
          socket.on("connect_error", (error) => resolve((error as { data?: { code?: string } }).data?.code));
        }).finally(() => socket.disconnect());
      };
      for (const headers of friends()) expect(await open(headers)).toMatchObject({ id: user.id });
      for (const headers of unknown) expect(await open(headers)).toBe("forbidden");
      expect(await open(unknown[0]!, { token: TEST_API_KEY })).toBeNull();
      // Foreign origins are refused before credentials are checked.
      for (const headers of foreign) expect(await open(headers, { token: TEST_API_KEY })).toBeUndefined();
    });
  }
});

describe("AU5: a cookie whose session has ended", () => {
  async function endedCookie(url: string): Promise<string> {
    const { id, cookie } = await newCookie(url);
    const server = { authorization: `Bearer ${TEST_API_KEY}` };
    await fetch(`${url}/v1/sessions/${id}`, { method: "DELETE", headers: server });
    return cookie;
  }

  const statusOf = async (url: string, headers: Record<string, string>) =>
    (await fetch(url, { headers })).status;

  it("does not count as a refused credential, because browsers send it with every request", async () => {
    const limits = JSON.stringify({ failures: { points: 3 }, address: { points: 1_000 } });
    const strict = await startTestNode({ GRANDSTAND_LIMITS: limits });
    const cookie = await endedCookie(strict.url);
    const headers = { cookie, origin: strict.url };
    for (let round = 0; round < 4; round += 1) {
      expect(await statusOf(`${strict.url}/v1/sessions`, headers)).toBe(401);
      expect(await statusOf(`${strict.url}/v1/channels/counter:c/events`, headers)).toBe(401);
      const socket = io(strict.url, {
        extraHeaders: headers,
        transports: ["websocket"],
        forceNew: true,
        reconnection: false,
      });
      const [error] = await new Promise<[{ data?: unknown }]>((resolve) =>
        socket.on("connect_error", (...refusal) => resolve(refusal)),
      );
      expect(error.data).toMatchObject({ code: "unauthenticated" });
      const ws = new WebSocket(`${strict.url.replace("http", "ws")}/v1/ws`, { headers });
      await once(ws, "open");
      ws.terminate();
    }
    const server = { authorization: `Bearer ${TEST_API_KEY}` };
    expect(await statusOf(`${strict.url}/v1/keys`, server)).toBe(200);
    // A token in a header does count as a refused credential.
    for (let guess = 0; guess < 4; guess += 1)
      await statusOf(`${strict.url}/v1/keys`, { authorization: "Bearer gss_guess" });
    await eventually(async () => expect(await statusOf(`${strict.url}/v1/keys`, server)).toBe(429));
    await strict.close();
  });

  it("costs points of the address, and is refused with 429 when the address has no points left", async () => {
    const limits = JSON.stringify({ failures: { points: 3 }, address: { points: 20 } });
    const strict = await startTestNode({ GRANDSTAND_LIMITS: limits });
    const cookie = await endedCookie(strict.url);
    expect(await statusOf(`${strict.url}/v1/sessions`, { cookie })).toBe(401);
    await eventually(async () => expect(await statusOf(`${strict.url}/v1/sessions`, { cookie })).toBe(429));
    await strict.close();
  });
});
