import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";

const key = { authorization: `Bearer ${TEST_API_KEY}` };
const json = { ...key, "content-type": "application/json" };

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});

afterAll(() => node.close());

async function send(method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(`${node.url}${path}`, { method, redirect: "manual", ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

it("T6: a string body without a JSON Content-Type is refused, and the error names the type that was sent", async () => {
  const { status, body } = await send("POST", "/v1/counters/c/add", { headers: key, body: '{"by":1}' });
  expect([status, body.code]).toEqual([400, "bad_request"]);
  expect(body.detail).toContain("application/json");
  expect(body.detail).toContain("text/plain");
});

it.each([
  ["PATCH", "/v1/leaderboards/b", "GET, "],
  ["POST", "/v1/leaderboards/b", "PUT"],
  ["DELETE", "/v1/leaderboards", "GET"],
  ["PUT", "/v1/leaderboards/b/scores", "POST"],
  ["POST", "/health/ready", "GET"],
])("T6: %s %s is answered with 405 and the header `Allow`", async (method, path, allowed) => {
  const { status, headers, body } = await send(method, path, { headers: json, body: "{}" });
  expect([status, body.status]).toEqual([405, 405]);
  expect(headers.get("allow")).toContain(allowed);
  expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
});

it("T6: the answer to an OPTIONS that is no preflight names the allowed methods", async () => {
  const { status, headers } = await send("OPTIONS", "/v1/leaderboards/b");
  expect(status).toBe(204);
  expect(headers.get("allow")).toContain("PUT");
  expect((await send("OPTIONS", "/v1/nothing")).status).toBe(404);
});

it("AU6: a compressed body is refused with 415, on routes of calls, imports and sessions", async () => {
  for (const path of ["/v1/counters/c/add", "/v1/leaderboards/b/import?format=csv", "/v1/sessions"]) {
    const { status, headers } = await send("POST", path, {
      headers: { ...json, "content-encoding": "gzip" },
      body: gzipSync("{}"),
    });
    expect([path, status, headers.get("accept-encoding")]).toEqual([path, 415, "identity"]);
  }
});

it("a JSON body may begin with a byte order mark", async () => {
  const counter = freshId("counter");
  const body = `\uFEFF{"by":3}`;
  expect(await send("POST", `/v1/counters/${counter}/add`, { headers: json, body })).toMatchObject({
    status: 200,
    body: { value: 3 },
  });
});

it("a trailing slash is ignored", async () => {
  const counter = freshId("counter");
  const added = await send("POST", `/v1/counters/${counter}/add/`, { headers: json, body: "{}" });
  expect(added).toMatchObject({ status: 200, body: { value: 1 } });
  expect((await send("GET", "/v1/leaderboards/?limit=1", { headers: key })).status).toBe(200);
  expect((await send("GET", "/health/ready/")).status).toBe(200);
});

it("a request without a body is refused if it is a POST, or a PUT whose path does not hold all fields", async () => {
  const [room, board, counter] = ["room", "board", "counter"].map(freshId);
  const boardMax = async () => (await send("GET", `/v1/leaderboards/${board}`, { headers: key })).body.max;
  await send("PUT", `/v1/chat/${room}`, { headers: json, body: '{"visibility":"private"}' });
  await send("PUT", `/v1/leaderboards/${board}`, { headers: json, body: '{"max":7}' });
  await send("POST", `/v1/counters/${counter}/add`, { headers: json, body: '{"by":2}' });
  for (const [method, path] of [
    ["PUT", `/v1/chat/${room}`],
    ["PUT", `/v1/leaderboards/${board}`],
    ["PUT", `/v1/counters/${counter}`],
    ["POST", `/v1/counters/${counter}/add`],
    ["POST", `/v1/counters/${counter}/reset`],
    ["POST", `/v1/leaderboards/${board}/seasons/close`],
    ["POST", "/v1/users/ann/revoke"],
    ["POST", "/v1/sessions"],
    ["POST", "/v1/keys"],
  ] as const) {
    for (const headers of [key, json]) {
      const { status, body } = await send(method, path, { headers });
      expect([path, status, body.issues]).toMatchObject([path, 400, [{ path: "", rule: "required" }]]);
    }
  }
  expect(await boardMax()).toBe(7);
  const { body } = await send("GET", `/v1/counters/${counter}`, { headers: key });
  expect(body.value).toBe(2);
});
