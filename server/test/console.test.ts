import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutputOf } from "@grandstand/shared/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dataOf, failure } from "./support/acks.js";
import type { Client } from "./support/drivers/driver.js";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { eventually } from "./support/eventually.js";
import { type FailingJobs, failingJobs } from "./support/failing-jobs.js";
import { startTestNode, type TestNode } from "./support/in-process-node.js";
import { freshId, TEST_API_KEY } from "./support/names.js";

let node: TestNode;
let server: Client;
let webDir: string;

beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), "grandstand-web-"));
  await mkdir(join(webDir, "console"));
  await writeFile(join(webDir, "console/index.html"), "<title>Console</title>");
  node = await startTestNode({ GRANDSTAND_WEB: webDir, GRANDSTAND_CORS_ORIGINS: "https://app.example.com" });
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
  await node.close();
  await rm(webDir, { recursive: true });
});

const ownPage = { "sec-fetch-site": "same-origin" };

/** Sends a request, by default with the header that a browser adds on the console's page. */
function ask(
  method: string,
  path: string,
  { key, cookie, headers = ownPage, url = node.url }: Asked = {},
): Promise<Response> {
  return fetch(`${url}/v1/console${path}`, {
    method,
    headers: {
      ...headers,
      ...(cookie !== undefined && { cookie }),
      ...(key !== undefined && { "content-type": "application/json" }),
    },
    ...(key !== undefined && { body: JSON.stringify({ key }) }),
  });
}

interface Asked {
  key?: string;
  cookie?: string;
  headers?: Record<string, string>;
  url?: string;
}

async function signIn(key: string, url?: string): Promise<string> {
  const response = await ask("POST", "/session", { key, ...(url !== undefined && { url }) });
  expect(response.status).toBe(200);
  return response.headers.get("set-cookie")!.split(";", 1)[0]!;
}

/** A client with an access token. As on the console's page, the sign-in's cookie was exchanged for the token. */
async function operator(cookie: string): Promise<Client> {
  const response = await ask("POST", "/token", { cookie });
  expect(response.status).toBe(200);
  return restDriver.open(node.url, (await response.json()).token);
}

async function keyWith(...scopes: string[]): Promise<{ secret: string; id: string; name: string }> {
  const name = freshId("key");
  const { key, secret } = dataOf(await server.call("key.create", { name, scopes }));
  return { secret, id: key.id, name };
}

describe("signing in", () => {
  it("OP15: signing in sets a cookie that no script can read and that is sent to the console's routes only", async () => {
    const response = await ask("POST", "/session", { key: TEST_API_KEY });
    expect(await response.json()).toEqual({ operator: { key: "test", scopes: ["*"] } });
    const cookie = response.headers.get("set-cookie")!;
    expect(cookie).toMatch(/; Path=\/v1\/console; /);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/);
    const session = await ask("GET", "/session", { cookie: cookie.split(";", 1)[0]! });
    expect(await session.json()).toEqual({ operator: { key: "test", scopes: ["*"] } });
  });

  it("OP15: a wrong key, a key without the scope admin:read and a user's token are refused", async () => {
    const { secret } = await keyWith("leaderboard:*");
    const { token } = dataOf(await server.call("session.create", { user: { id: "bo" } }));
    for (const [key, status] of [
      ["wrong", 401],
      [secret, 403],
      [token as string, 403],
    ] as const) {
      const response = await ask("POST", "/session", { key });
      expect(response.status).toBe(status);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect((await response.json()).issues[0].path).toBe("key");
    }
  });

  it("OP15: an access token can't sign in, so no sign-in outlives the one to which the token belongs", async () => {
    const cookie = await signIn(TEST_API_KEY);
    const { token } = await (await ask("POST", "/token", { cookie })).json();
    const response = await ask("POST", "/session", { key: token });
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect((await response.json()).issues[0].path).toBe("key");
  });

  it("OP15: no page of another origin can use the sign-in, even if CORS allows that origin", async () => {
    const cookie = await signIn(TEST_API_KEY);
    const others = [
      {},
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "https://app.example.com" },
      { origin: "https://app.example.com" },
    ];
    for (const headers of others) {
      for (const [method, path] of [
        ["POST", "/token"],
        ["DELETE", "/session"],
      ] as const) {
        expect((await ask(method, path, { cookie, headers: headers as Record<string, string> })).status).toBe(
          403,
        );
      }
    }
    const { origin } = new URL(node.url);
    expect((await ask("POST", "/token", { cookie, headers: { origin } })).status).toBe(200);
  });

  it("OP15: the cookie is no credential for the operations", async () => {
    const cookie = await signIn(TEST_API_KEY);
    const response = await fetch(`${node.url}/v1/admin/overview`, { headers: { ...ownPage, cookie } });
    expect(response.status).toBe(401);
    const [, token] = cookie.split("=");
    const bearer = await restDriver.open(node.url, token!);
    expect(await bearer.call("admin.overview")).toMatchObject(failure("unauthenticated"));
  });
});

describe("an operator", () => {
  it("OP15: calls the public operations with the scopes of the key, on REST and on sockets", async () => {
    const { secret } = await keyWith("admin:read", "counter:read");
    const cookie = await signIn(secret);
    const client = await operator(cookie);
    dataOf(await client.call("admin.overview"));
    dataOf(await client.call("counter.list"));
    expect(await client.call("counter.set", { counter: "cheers", value: 1 })).toMatchObject(
      failure("forbidden"),
    );
    const { token } = await (await ask("POST", "/token", { cookie })).json();
    const socket = await openWebSocket(node.url, token);
    dataOf(await socket.call("admin.audit"));
    await socket.close();
  });

  it("OP15: loses access after the sign-out, and after the key was revoked", async () => {
    const { secret, id } = await keyWith("admin:*");
    const first = await signIn(secret);
    const unused = await operator(first);
    expect((await ask("DELETE", "/session", { cookie: first })).status).toBe(204);
    expect((await ask("POST", "/token", { cookie: first })).status).toBe(401);
    expect(await (await ask("GET", "/session", { cookie: first })).json()).toEqual({ operator: null });
    expect(await unused.call("admin.overview")).toMatchObject(failure("unauthenticated"));

    const second = await signIn(secret);
    const client = await operator(second);
    dataOf(await client.call("admin.overview"));
    dataOf(await server.call("key.revoke", { key: id }));
    expect(await client.call("admin.overview")).toMatchObject(failure("unauthenticated"));
    expect((await ask("POST", "/token", { cookie: second })).status).toBe(401);
  });

  it("OP15: every change is in the audit log with operator, operation, time and outcome, without secrets", async () => {
    const { secret, name } = await keyWith("admin:read", "counter:*", "session:write");
    const client = await operator(await signIn(secret));
    const counter = freshId("counter");
    const before = Date.now() - 60_000;
    dataOf(await client.call("counter.set", { counter, value: 7, idempotencyKey: "only-the-client-knows" }));
    expect(await client.call("counter.set", { counter, value: "x" })).toMatchObject(failure("bad_request"));
    expect(await client.call("chat.drop", { room: "lobby" })).toMatchObject(failure("forbidden"));
    dataOf(await client.call("session.create", { user: { id: "bo" } }));
    dataOf(await client.call("counter.get", { counter }));
    dataOf(await server.call("counter.set", { counter, value: 8 }));

    const entries = await auditOf(name);
    expect(entries.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ["session.create", "ok"],
      ["chat.drop", "forbidden"],
      ["counter.set", "bad_request"],
      ["counter.set", "ok"],
      ["console.signIn", "ok"],
    ]);
    expect(JSON.parse(entries[3]!.input)).toMatchObject({ counter, value: 7 });
    for (const { at, address } of entries) {
      expect(Date.parse(at)).toBeGreaterThan(before);
      expect(address).toBe("127.0.0.1");
    }
    expect(JSON.stringify(entries)).not.toContain(secret);
    expect(JSON.stringify(entries)).not.toContain("only-the-client-knows");
  });

  it.each([
    ["admin.rooms", "99999999999999999999"],
    ["admin.users", "99999999999999999999"],
    ["admin.rooms", "1.2"],
    ["admin.audit", "99999999999999999999-1"],
  ] as const)("OP15: %s refuses a cursor that no page returned: %s", async (operation, cursor) => {
    const error = { code: "bad_request", issues: [{ path: "cursor" }] };
    expect(await server.call(operation, { cursor })).toMatchObject({ ok: false, error });
  });

  it("OP15: reads the audit log a page at a time, each entry once", async () => {
    const { secret, name } = await keyWith("admin:read", "counter:*");
    const client = await operator(await signIn(secret));
    const counter = freshId("counter");
    for (let value = 0; value < 4; value += 1) dataOf(await client.call("counter.set", { counter, value }));
    const read: string[] = [];
    let cursor: string | null = null;
    do {
      const page: OutputOf<"admin.audit"> = dataOf(
        await server.call("admin.audit", { limit: 2, ...(cursor !== null && { cursor }) }),
      ) as never;
      expect(page.entries.length).toBeLessThanOrEqual(2);
      read.push(...page.entries.filter(({ key }) => key === name).map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(read).toHaveLength(5);
    expect(read).toEqual([...new Set(read)].sort().reverse());
  });
});

async function auditOf(name: string): Promise<OutputOf<"admin.audit">["entries"]> {
  const { entries } = dataOf(await server.call("admin.audit", { limit: 100 })) as OutputOf<"admin.audit">;
  return entries.filter(({ key }) => key === name);
}

describe("jobs", () => {
  let failing: FailingJobs;

  beforeAll(() => {
    failing = failingJobs(node.prefix);
  });

  afterAll(() => failing.close());

  const jobs = async (state = "failed") =>
    dataOf(await server.call("admin.jobs", { state })) as OutputOf<"admin.jobs">;

  const failed = (id: string) =>
    eventually(async () => {
      const job = (await jobs()).jobs.find((one) => one.id === id);
      expect(job).toBeDefined();
      return job!;
    });

  it("OP15: a job that failed for good is listed with its reason, is reported as a problem, and can be run again", async () => {
    const { id, board, mend } = await failing.addSeasonEnd();
    const job = await failed(id);
    expect((await jobs()).queues[0]).toMatchObject({ name: "upkeep", failed: 1 });
    expect(job).toMatchObject({ name: "close", subject: board, window: "all", state: "failed", attempts: 1 });
    expect(job.reason).toMatch(/WRONGTYPE/);
    expect(job.finishedAt).not.toBeNull();
    const { attention } = dataOf(await server.call("admin.overview")) as OutputOf<"admin.overview">;
    expect(attention.map(({ title }) => title)).toContain(
      "1 job of upkeep failed for good within the last 30 days.",
    );

    await mend();
    const first = dataOf(await server.call("admin.retryJobs", { jobs: [id, "none"] }));
    expect(first).toEqual({ retried: 1, unknown: ["none"] });
    await eventually(async () => expect((await jobs()).queues[0]).toMatchObject({ failed: 0, active: 0 }));
    expect(dataOf(await server.call("admin.retryJobs", {}))).toEqual({ retried: 0, unknown: [] });
  });

  it("OP15: when an erasure succeeds after it had failed, the failed job with the id of the user is removed", async () => {
    const { id, user, mend } = await failing.addErasure();
    expect(await failed(id)).toMatchObject({ name: "erase", subject: user });
    await mend();
    dataOf(await server.call("user.erase", { user }));
    await eventually(async () => expect((await jobs()).jobs).toEqual([]));
  });

  it("OP15: schedules are listed, and so is the end of a season with the time when it is due", async () => {
    const board = freshId("board");
    dataOf(await server.call("leaderboard.configure", { board, windows: ["daily"] }));
    dataOf(await server.call("leaderboard.submit", { board, member: "ada", score: 1 }));
    await eventually(async () => {
      const { schedules, jobs: later } = await jobs("delayed");
      expect(schedules).toEqual([{ name: "review", everyMs: 3_600_000, nextAt: expect.any(String) }]);
      const end = later.find(({ subject }) => subject === board);
      expect(end).toMatchObject({ name: "close", window: "daily", reason: null, finishedAt: null });
      expect(end!.dueAt).toMatch(/T00:00:00\.\d{3}Z$/);
      const { opts } = (await failing.queue.getJob(end!.id))!;
      expect(opts.removeOnFail).toEqual({ age: 30 * 86_400, count: 1_000 });
    });
  });

  it("OP15: a key without the scope admin:write lists jobs but can't retry them", async () => {
    const { secret } = await keyWith("admin:read");
    const reader = await restDriver.open(node.url, secret);
    dataOf(await reader.call("admin.jobs"));
    expect(await reader.call("admin.retryJobs")).toMatchObject(failure("forbidden"));
  });
});

describe("without a key that may sign in", () => {
  it("OP15: the console is off: its page explains this with a 404 and nobody can sign in, until such a key exists", async () => {
    const off = await startTestNode({ GRANDSTAND_API_KEYS: "", GRANDSTAND_WEB: webDir });
    const page = () => fetch(`${off.url}/console`);
    for (const response of [await page(), await fetch(`${off.url}/console/index.html`)]) {
      expect(response.status).toBe(404);
      expect((await response.json()).detail).toMatch(/^The console is off: /);
    }
    expect((await ask("POST", "/session", { key: "any", url: off.url })).status).toBe(404);
    await off.close();

    const on = await startTestNode({ GRANDSTAND_WEB: webDir, GRANDSTAND_PREFIX: off.prefix });
    expect(await (await fetch(`${on.url}/console`)).text()).toContain("Console");
    const maker = await restDriver.open(on.url, TEST_API_KEY);
    const name = freshId("key");
    const { secret } = dataOf(await maker.call("key.create", { name, scopes: ["admin:read"] }));
    await on.close();

    const again = await startTestNode({
      GRANDSTAND_API_KEYS: "",
      GRANDSTAND_WEB: webDir,
      GRANDSTAND_PREFIX: off.prefix,
    });
    expect((await fetch(`${again.url}/console`)).status).toBe(200);
    await signIn(secret as string, again.url);
    await again.close();
  });
});

describe("the console shows", () => {
  let client: Client;

  beforeEach(() => {
    client = server;
  });

  const overview = async () =>
    dataOf(await client.call("admin.overview")) as unknown as OutputOf<"admin.overview">;

  it("OP15: every running node with its version and its memory, and no node that was stopped", async () => {
    const other = await startTestNode({ GRANDSTAND_PREFIX: node.prefix });
    const { nodes, redis, nodeId } = await overview();
    expect(nodes).toHaveLength(2);
    for (const report of nodes) {
      expect(report).toMatchObject({ hasLease: true, version: "0.1.0", slowConsumers: 0 });
      expect(report.memoryBytes).toBeGreaterThan(1e6);
    }
    expect(nodes.map(({ id }) => id)).toContain(nodeId);
    expect(redis).toMatchObject({ isAppendOnly: expect.any(Boolean), evictionPolicy: expect.any(String) });
    expect(redis.keys).toBeGreaterThan(0);
    await other.close();
    expect((await overview()).nodes.map(({ id }) => id)).toEqual([nodeId]);
  });

  it("OP15: the load in each minute of the last hour", async () => {
    const socket = await openWebSocket(node.url, TEST_API_KEY);
    await eventually(async () => {
      dataOf(await socket.call("counter.get", { counter: "cheers" }));
      const { points } = dataOf(await client.call("admin.activity")) as OutputOf<"admin.activity">;
      expect(points).toHaveLength(60);
      const [last] = points.slice(-2).sort((one, other) => other.calls - one.calls);
      expect(last!.calls).toBeGreaterThan(0);
      expect(last!.connections).toBeGreaterThanOrEqual(1);
    });
    await socket.close();
  });

  it("OP15: all rooms whose ids begin with a given text, page by page, with their content", async () => {
    const prefix = freshId("room");
    for (let number = 0; number < 12; number += 1) {
      dataOf(await client.call("chat.send", { room: `${prefix}.${number}`, text: "Hello" }));
    }
    dataOf(await client.call("presence.keep", { room: `${prefix}.0`, user: "bo", ttlMs: 60_000 }));
    const rooms = await searched("admin.rooms", prefix);
    expect(rooms.map(({ room }) => room).sort()).toEqual(
      Array.from({ length: 12 }, (_, number) => `${prefix}.${number}`).sort(),
    );
    const first = rooms.find(({ room }) => room === `${prefix}.0`);
    expect(first).toMatchObject({ messages: 1, present: 1, members: 0, visibility: null });
    expect(await searched("admin.rooms", `${prefix.slice(0, -1)}*`)).toEqual([]);
  });

  it("OP15: the settings of a room, and its sanctions that are in force", async () => {
    const room = freshId("room");
    dataOf(await client.call("chat.configure", { room, visibility: "private", slowModeMs: 500 }));
    dataOf(await client.call("chat.moderate", { room, user: "bo", action: "mute", ttlMs: 60_000 }));
    dataOf(await client.call("chat.moderate", { room, user: "cy", action: "ban" }));
    dataOf(await client.call("chat.moderate", { room, user: "di", action: "ban", ttlMs: 60_000 }));
    dataOf(await client.call("chat.moderate", { room, user: "di", action: "unban" }));
    dataOf(await client.call("chat.moderate", { room, user: "ed", action: "ban", ttlMs: 1_000 }));
    await eventually(async () => {
      const { sanctions } = dataOf(await client.call("admin.room", { room })) as OutputOf<"admin.room">;
      expect(sanctions.map(({ user }) => user)).not.toContain("ed");
    });
    const { summary, settings, sanctions } = dataOf(await client.call("admin.room", { room }));
    expect(summary).toMatchObject({ visibility: "private", messages: 0, lastAt: null });
    expect(settings).toMatchObject({ room, slowModeMs: 500, logSize: 1_000 });
    expect(sanctions).toEqual([
      { user: "cy", banned: true, bannedUntil: null, muted: false, mutedUntil: null },
      { user: "bo", banned: false, bannedUntil: null, muted: true, mutedUntil: expect.any(String) },
    ]);
  });

  it("OP15: all users whose ids begin with a given text, even if the ids contain special characters", async () => {
    const prefix = freshId("user");
    const ids = [`${prefix} a/ü{}*`, `${prefix} b`];
    for (const id of ids) dataOf(await client.call("session.create", { user: { id } }));
    dataOf(await client.call("presence.keep", { room: freshId("room"), user: ids[0]!, ttlMs: 60_000 }));
    await eventually(async () => {
      const users = await searched("admin.users", prefix);
      expect(users.map(({ user }) => user).sort()).toEqual(ids);
      expect(users.find(({ user }) => user === ids[0])).toMatchObject({
        online: true,
        rooms: 1,
        sessions: 1,
      });
    });
    expect(await client.call("admin.users", { cursor: "none" })).toMatchObject(failure("bad_request"));
  });

  async function searched(operation: string, prefix: string): Promise<Record<string, unknown>[]> {
    const found = new Map<string, Record<string, unknown>>();
    let cursor: string | null = null;
    do {
      const page: Record<string, unknown> = dataOf(
        await client.call(operation, { prefix, limit: 3, ...(cursor !== null && { cursor }) }),
      );
      const items = (page.rooms ?? page.users) as Record<string, unknown>[];
      for (const item of items) found.set(String(item.room ?? item.user), item);
      cursor = page.nextCursor as string | null;
    } while (cursor !== null);
    return [...found.values()];
  }
});
