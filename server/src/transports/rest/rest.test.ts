import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorTable } from "@grandstand/shared/error-table";
import { errorTitles } from "@grandstand/shared/error-titles";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});

afterAll(() => node.close());

function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${node.url}${path}`, {
    method,
    ...init,
    headers: { authorization: `Bearer ${TEST_API_KEY}`, ...init.headers },
  });
}

const asJson = { "content-type": "application/json" };

describe("T6: REST errors are RFC 9457 problem documents with a `code`", () => {
  it.each([
    [
      "a field that breaks a rule",
      "PUT",
      "/v1/leaderboards/b",
      { headers: asJson, body: '{"order":"up"}' },
      "bad_request",
    ],
    ["a body that is not JSON", "PUT", "/v1/leaderboards/b", { headers: asJson, body: "{" }, "bad_request"],
    [
      "a body that is no object",
      "PUT",
      "/v1/leaderboards/b",
      { headers: asJson, body: "[1]" },
      "bad_request",
    ],
    ["a form", "PUT", "/v1/leaderboards/b", { body: new URLSearchParams({ order: "desc" }) }, "bad_request"],
    ["a path that can't be decoded", "GET", "/v1/leaderboards/%E0%A4%A", {}, "bad_request"],
    ["an id with a character that ids can't have", "GET", "/v1/leaderboards/a%7Bb", {}, "bad_request"],
    [
      "a wrong key",
      "GET",
      "/v1/leaderboards",
      { headers: { authorization: "Bearer no" } },
      "unauthenticated",
    ],
    [
      "another scheme",
      "GET",
      "/v1/leaderboards",
      { headers: { authorization: "Basic eDp5" } },
      "unauthenticated",
    ],
    ["an unknown path", "GET", "/v1/nothing", {}, "not_found"],
    ["an unknown board", "GET", "/v1/leaderboards/nowhere", {}, "not_found"],
    [
      "a large body",
      "PUT",
      "/v1/leaderboards/b",
      { headers: asJson, body: `"${"x".repeat(70_000)}"` },
      "payload_too_large",
    ],
  ] as const)("%s", async (_what, method, path, init, code) => {
    const response = await send(method, path, init);
    const { status } = errorTable[code];
    const title = errorTitles[code];
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      type: "about:blank",
      title,
      status,
      code,
      detail: expect.any(String),
    });
  });

  it("an error that a retry can overcome has the header `Retry-After`", async () => {
    const board = freshId("board");
    const body = JSON.stringify({ operator: "last", minIntervalMs: 60_000 });
    await send("PUT", `/v1/leaderboards/${board}`, { headers: asJson, body });
    const submit = (score: number) =>
      send("POST", `/v1/leaderboards/${board}/scores`, {
        headers: asJson,
        body: JSON.stringify({ member: "ann", score }),
      });
    await submit(1);
    const refused = await submit(2);
    expect(refused.status).toBe(409);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect((await refused.json()).retryAfterMs).toBeGreaterThan(50_000);
  });
});

describe("callers", () => {
  it("AU1: an API key is accepted as `Authorization: Bearer` and as `X-Api-Key`", async () => {
    const withHeader = await fetch(`${node.url}/v1/leaderboards`, { headers: { "x-api-key": TEST_API_KEY } });
    expect(withHeader.status).toBe(200);
    expect((await send("GET", "/v1/leaderboards")).status).toBe(200);
  });

  it("AU1: POST /sessions with a name creates a guest session, unless guests are off", async () => {
    const create = (url: string, body: string) =>
      fetch(`${url}/v1/sessions`, { method: "POST", headers: asJson, body });
    const created = await create(node.url, '{"name":"  Zoë  "}');
    expect(created.status).toBe(201);
    const { user, token } = await created.json();
    expect(user).toEqual({ id: expect.stringMatching(/^guest-/), name: "Zoë", avatar: null, isGuest: true });
    const asGuest = await fetch(`${node.url}/v1/leaderboards`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(asGuest.status).toBe(200);
    expect((await create(node.url, '{"name":"   "}')).status).toBe(400);

    const closed = await startTestNode({ GRANDSTAND_GUESTS: "off" });
    expect((await create(closed.url, '{"name":"Zoë"}')).status).toBe(403);
    await closed.close();
  });
});

describe("input", () => {
  it("accepts a member of any script in the path", async () => {
    const board = freshId("board");
    await send("PUT", `/v1/leaderboards/${board}`, { headers: asJson, body: "{}" });
    const member = "ж/%?#🎯".repeat(18);
    await send("POST", `/v1/leaderboards/${board}/scores`, {
      headers: asJson,
      body: JSON.stringify({ member, score: 1 }),
    });
    const path = `/v1/leaderboards/${board}/entries/${encodeURIComponent(member)}`;
    expect(await (await send("GET", path)).json()).toMatchObject({ member, rank: 1 });
  });

  it("refuses a body that contradicts the path", async () => {
    const response = await send("PUT", "/v1/leaderboards/one", {
      headers: asJson,
      body: '{"board":"other"}',
    });
    expect(await response.json()).toMatchObject({
      code: "bad_request",
      issues: [{ path: "board", rule: "contradiction" }],
    });
  });

  it.each(["limit=0x10", "limit=1%20", "limit=1&limit=2", "limit=01", "limit="])(
    "refuses a query whose `limit` is not one number as JSON writes it: %s",
    async (query) => {
      const response = await send("GET", `/v1/leaderboards?${query}`);
      expect(await response.json()).toMatchObject({ code: "bad_request", issues: [{ path: "limit" }] });
    },
  );

  it("refuses a query that contradicts the path, and an idempotency key that contradicts the header", async () => {
    const query = await send("GET", "/v1/leaderboards/one?board=other");
    expect(await query.json()).toMatchObject({ code: "bad_request", issues: [{ path: "board" }] });
    const headers = { ...asJson, "idempotency-key": "one" };
    const key = await send("PUT", "/v1/leaderboards/one", { headers, body: '{"idempotencyKey":"other"}' });
    expect(await key.json()).toMatchObject({ code: "bad_request", issues: [{ path: "idempotencyKey" }] });
  });

  it("accepts a PUT and a DELETE without a body if the path holds the whole input", async () => {
    const board = freshId("board");
    expect((await send("PUT", `/v1/leaderboards/${board}`, { headers: asJson, body: "{}" })).status).toBe(
      200,
    );
    const hidden = await send("PUT", `/v1/leaderboards/${board}/entries/ann/hidden`, { headers: asJson });
    expect(hidden.status).toBe(200);
    expect((await send("DELETE", `/v1/leaderboards/${board}`, { headers: asJson })).status).toBe(200);
  });
});

describe("CORS", () => {
  it("pages of localhost may read responses, except in production or if GRANDSTAND_CORS_ORIGINS names others", async () => {
    const allowed = async (url: string, origin: string) => {
      const response = await fetch(`${url}/health/live`, { headers: { origin } });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await allowed(node.url, "http://localhost:5173")).toBe("http://localhost:5173");
    expect(await allowed(node.url, "https://localhost.example.com")).toBeNull();
    const production = await startTestNode({
      NODE_ENV: "production",
      GRANDSTAND_TOKEN_SECRET: "a secret of 32 bytes or somewhat more",
      GRANDSTAND_API_KEYS: "test:9c41f0d7b25e83aa",
    });
    expect(await allowed(production.url, "http://localhost:5173")).toBeNull();
    await production.close();
    const chosen = await startTestNode({ GRANDSTAND_CORS_ORIGINS: "https://play.example.com" });
    expect(await allowed(chosen.url, "https://play.example.com")).toBe("https://play.example.com");
    expect(await allowed(chosen.url, "http://localhost:5173")).toBeNull();
    // Pages of named origins may send cookies and read the responses, over REST and long-polling.
    for (const path of ["/health/live", "/socket.io/?EIO=4&transport=polling"]) {
      const { headers } = await fetch(chosen.url + path, { headers: { origin: "https://play.example.com" } });
      expect(headers.get("access-control-allow-credentials")).toBe("true");
    }
    await chosen.close();
  });
});

describe("pages", () => {
  it("without GRANDSTAND_WEB, / names the service and links to its documents", async () => {
    const links = ["/health/ready", "/docs", "/openapi.json", "/asyncapi.json"];
    const forPrograms = await fetch(`${node.url}/`);
    expect(await forPrograms.json()).toMatchObject({ name: "Grandstand", links });
    const forPeople = await fetch(`${node.url}/`, { headers: { accept: "text/html,*/*;q=0.8" } });
    expect(forPeople.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const text = await forPeople.text();
    for (const path of links) {
      expect(text).toContain(`href="${path}"`);
      expect((await fetch(node.url + path)).status).toBe(200);
    }
  });

  it("with GRANDSTAND_WEB, assets are cached for a year, pages are revalidated, and hidden files are not served", async () => {
    const webDir = await mkdtemp(join(tmpdir(), "grandstand-page-"));
    await mkdir(join(webDir, "assets"));
    await Promise.all([
      writeFile(join(webDir, "index.html"), "<!doctype html><title>Page</title>"),
      writeFile(join(webDir, "assets", "app-1a2b.js"), "//"),
      writeFile(join(webDir, ".secret"), "x"),
    ]);
    const served = await startTestNode({ GRANDSTAND_WEB: webDir });
    const page = await fetch(`${served.url}/`);
    expect(await page.text()).toContain("<title>Page");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const asset = await fetch(`${served.url}/assets/app-1a2b.js`);
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await fetch(`${served.url}/.secret`)).status).toBe(404);
    expect((await fetch(`${served.url}/nowhere`)).status).toBe(404);
    await served.close();
    await rm(webDir, { recursive: true });
  });
});

describe("closing", () => {
  it("does not wait for connections without a request or between requests", async () => {
    const other = await startTestNode();
    await fetch(`${other.url}/health/live`);
    const unused = createConnection(Number(new URL(other.url).port), "127.0.0.1");
    await once(unused, "connect");
    const startedAt = performance.now();
    await other.close();
    // Closing waits up to 5 s for running requests.
    expect(performance.now() - startedAt).toBeLessThan(4_500);
  });
});

describe("OP1", () => {
  it("/health/live and /health/ready answer that the node lives and is ready", async () => {
    expect(await (await fetch(`${node.url}/health/live`)).json()).toEqual({ status: "live" });
    const ready = await fetch(`${node.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: "ready",
      checks: { reads: true, writes: true, subscriptions: true, notDraining: true },
    });
  });

  it("/openapi.json and /asyncapi.json describe the operations and the events", async () => {
    const openApi = await (await fetch(`${node.url}/openapi.json`)).json();
    expect(openApi.openapi).toBe("3.1.0");
    expect(openApi.paths["/v1/leaderboards/{board}/scores"].post.operationId).toBe("leaderboard.submit");
    const asyncApi = await (await fetch(`${node.url}/asyncapi.json`)).json();
    expect(Object.keys(asyncApi.operations)).toContain("leaderboard.updated");
  });
});
