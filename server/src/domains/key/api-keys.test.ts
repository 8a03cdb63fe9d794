import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import { dataOf, failure, issuesOf } from "../../../test/support/acks.js";
import { callDrivers } from "../../../test/support/drivers/call-drivers.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../../test/support/redis-client.js";
import { Keys } from "../../redis/keys.js";

let node: TestNode;
let server: Client;
let redis: TestRedis;
let keys: Keys;

beforeAll(async () => {
  node = await startTestNode({
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY},digested:sha256:${hash("sha256", "kept-elsewhere")}`,
  });
  server = await restDriver.open(node.url, TEST_API_KEY);
  redis = await connectTestRedis();
  keys = new Keys(node.prefix);
});

afterAll(async () => {
  await redis.close();
  await node.close();
});

/** Creates a key and a client that uses it. */
async function withKey(scopes: string[], more: Record<string, unknown> = {}) {
  const { key, secret } = dataOf(await server.call("key.create", { name: freshId("key"), scopes, ...more }));
  return { key, secret, client: await restDriver.open(node.url, secret) };
}

describe("AU1: an API key", () => {
  it("can be configured by its digest alone", async () => {
    const client = await restDriver.open(node.url, "kept-elsewhere");
    expect(await client.call("key.list")).toMatchObject({ ok: true });
    const digest = await restDriver.open(node.url, hash("sha256", "kept-elsewhere"));
    expect(await digest.call("key.list")).toEqual(failure("unauthenticated"));
  });

  it("is sent in `Authorization` or `X-Api-Key`, and on sockets as the token", async () => {
    const { secret } = await withKey(["*"]);
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${node.url}/v1/keys`, { headers })).status;
    expect(await status({ authorization: `Bearer ${secret}` })).toBe(200);
    expect(await status({ "x-api-key": secret })).toBe(200);
    expect(await status({ "x-api-key": `${secret}x` })).toBe(401);
    await (await openSocketIo(node.url, secret)).close();
    const ws = await openWebSocket(node.url, secret);
    expect(ws.connected).toMatchObject({ ok: true, data: { user: null } });
    await ws.close();
  });

  for (const driver of callDrivers) {
    it(`can be created, listed and revoked over ${driver.name}`, async () => {
      const client = await driver.open(node.url, TEST_API_KEY);
      const name = freshId("key");
      const { key, secret } = dataOf(await client.call("key.create", { name, scopes: ["chat:read"] }));
      expect(key).toEqual({
        id: expect.stringMatching(/^[\w-]{43}$/),
        name,
        scopes: ["chat:read"],
        createdAt: expect.any(String),
        expiresAt: null,
      });
      expect(secret).toMatch(/^gsk_[\w-]{43}$/);
      expect(dataOf(await client.call("key.list")).keys).toContainEqual(key);
      const revoked = dataOf(await client.call("key.revoke", { key: key.id }));
      expect(revoked).toEqual({ key: key.id, revokedAt: expect.any(String) });
      expect(dataOf(await client.call("key.list")).keys).not.toContainEqual(key);
      expect(await client.call("key.revoke", { key: key.id })).toEqual(failure("not_found"));
      await client.close();
    });
  }

  it("is stored in Redis as a digest", async () => {
    const { secret } = await withKey(["*"]);
    const stored = JSON.stringify(await redis.commands.hgetall(keys.identity.apiKeys));
    expect(stored).not.toContain(secret.slice(4));
    expect(stored).toContain(hash("sha256", secret, "base64url"));
  });

  it("can't be created, listed or revoked by a guest", async () => {
    const guest = await restDriver.open(node.url, (await newGuest(node.url)).token);
    for (const [operation, input] of [
      ["key.create", { name: "mine" }],
      ["key.list", {}],
      ["key.revoke", { key: "x".repeat(43) }],
    ] as const) {
      expect(await guest.call(operation, input)).toEqual(failure("forbidden"));
    }
  });

  it("can't create a key with a scope that it does not have", async () => {
    const { client } = await withKey(["key:*", "chat:read", "counter:*"]);
    const create = async (...scopes: string[]) =>
      (await client.call("key.create", { name: freshId("key"), scopes })) as { ok: boolean };
    for (const scopes of [["chat:read"], ["counter:write", "counter:*"], ["key:read"]]) {
      expect(await create(...scopes)).toMatchObject({ ok: true });
    }
    for (const scopes of [["*"], ["chat:write"], ["chat:*"], ["chat:read", "leaderboard:read"]]) {
      expect(await create(...scopes)).toMatchObject({ error: { code: "forbidden" } });
    }
    // Without `scopes` the new key would have all scopes.
    expect(await client.call("key.create", { name: freshId("key") })).toMatchObject({
      error: { code: "forbidden", issues: [{ path: "scopes.0" }] },
    });
  });

  it("can't revoke a key that has a scope which the revoking key lacks", async () => {
    const { client } = await withKey(["key:*"]);
    const more = await withKey(["*"]);
    expect(await client.call("key.revoke", { key: more.key.id })).toEqual(failure("forbidden"));
    expect(await more.client.call("key.list")).toMatchObject({ ok: true });
  });

  it("is not created when the input is invalid, and the error names the invalid field", async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{}, "name"],
      [{ name: "a b" }, "name"],
      [{ name: "a", scopes: [] }, "scopes"],
      [{ name: "a", scopes: ["chat"] }, "scopes.0"],
      [{ name: "a", scopes: ["*", "chat:delete"] }, "scopes.1"],
      [{ name: "a", scopes: ["cat:read"] }, "scopes.0"],
      [{ name: "a", expiresAt: "tomorrow" }, "expiresAt"],
      [{ name: "a", expiresAt: new Date(Date.now() - 60_000).toISOString() }, "expiresAt"],
    ];
    for (const [input, path] of cases) {
      const ack = await server.call("key.create", input);
      expect(ack).toMatchObject({ error: { code: "bad_request" } });
      expect(issuesOf(ack)).toMatchObject([{ path }]);
    }
  });

  it("is deleted from Redis when another key is created after its expiry", async () => {
    const { key, client } = await withKey(["*"], { expiresAt: new Date(Date.now() + 600_000).toISOString() });
    expect(await client.call("key.list")).toMatchObject({ ok: true });
    const stored = JSON.parse((await redis.commands.hget(keys.identity.apiKeys, key.id))!);
    const past = JSON.stringify({ ...stored, expiresAt: String(Date.now() - 1) });
    await redis.commands.hset(keys.identity.apiKeys, key.id, past);
    const fresh = await startTestNode({ GRANDSTAND_PREFIX: node.prefix });
    const late = await restDriver.open(
      fresh.url,
      dataOf(await server.call("key.create", { name: "one-more" })).secret,
    );
    expect(dataOf(await late.call("key.list")).keys).not.toContainEqual(
      expect.objectContaining({ id: key.id }),
    );
    expect(await redis.commands.hexists(keys.identity.apiKeys, key.id)).toBe(0);
    await fresh.close();
  });

  it("can't create a key once it is revoked, even on a node that missed the notice of the revocation", async () => {
    const { key, client } = await withKey(["key:*"]);
    expect(await client.call("key.list")).toMatchObject({ ok: true });
    // As if another node had revoked the key, and this node had not received the notice.
    await redis.commands.hdel(keys.identity.apiKeys, key.id);
    const name = freshId("key");
    expect(await client.call("key.create", { name, scopes: ["key:read"] })).toEqual(
      failure("unauthenticated"),
    );
    const { keys: listed } = dataOf(await server.call("key.list"));
    expect(listed).not.toContainEqual(expect.objectContaining({ name }));
  });

  it("can't create a key that expires later than itself", async () => {
    const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
    const { key, client } = await withKey(["key:*"], { expiresAt: inMs(60_000) });
    const create = (expiresAt?: string) =>
      client.call("key.create", { name: freshId("key"), scopes: ["key:read"], expiresAt });
    for (const expiresAt of [undefined, inMs(120_000)]) {
      expect(await create(expiresAt)).toMatchObject({
        error: { code: "forbidden", issues: [{ path: "expiresAt", rule: "maker" }] },
      });
    }
    for (const expiresAt of [key.expiresAt, inMs(30_000)]) {
      expect(await create(expiresAt)).toMatchObject({ ok: true, data: { key: { expiresAt } } });
    }
  });

  it("can share its name only with keys that it created itself, or that a key with all scopes created", async () => {
    const { key, client } = await withKey(["key:*"]);
    const other = await withKey(["key:*"]);
    const createNamed = (by: Client, name: string) => by.call("key.create", { name, scopes: ["key:read"] });
    expect(await createNamed(client, key.name)).toMatchObject({ ok: true });
    expect(await createNamed(server, key.name)).toMatchObject({ ok: true });
    expect(await createNamed(other.client, key.name)).toMatchObject({ error: { code: "conflict" } });
    expect(await createNamed(other.client, "test")).toMatchObject({ error: { code: "conflict" } });
  });

  it("can't be revoked by a call if it is in the settings", async () => {
    const id = hash("sha256", "kept-elsewhere", "base64url");
    expect(await server.call("key.revoke", { key: id })).toMatchObject({
      error: { code: "conflict", issues: [{ rule: "settings" }] },
    });
  });
});
