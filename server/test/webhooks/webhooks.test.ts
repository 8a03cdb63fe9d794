import { verifyWebhook, type WebhookEvent } from "@grandstand/sdk/webhook";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { webhookPace } from "../../src/config/config.js";
import { dataOf, failure, issuesOf } from "../support/acks.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { monitor } from "../support/monitor.js";
import { freshId, freshPrefix, TEST_API_KEY, TEST_WEBHOOK_SECRET } from "../support/names.js";
import { type ReceivedRequest, type Receiver, startRawReceiver, startReceiver } from "../support/receiver.js";
import { connectTestRedis, type TestRedis } from "../support/redis-client.js";

const pace = { ...webhookPace, attemptMs: 1_000, retriesMs: [30, 30, 60_000, 60_000], sweepMs: 300 };

let prefix: string;
let redis: TestRedis;
let node: TestNode;
let api: Client;
let receiver: Receiver;

beforeAll(async () => {
  prefix = freshPrefix();
  redis = await connectTestRedis(inject("redisUrl"));
  node = await startNode();
  api = await restDriver.open(node.url, TEST_API_KEY);
  receiver = await startReceiver();
});

beforeEach(() => {
  receiver.requests.length = 0;
  receiver.answer((_, response) => void response.end());
});

afterAll(async () => {
  for (const { id } of dataOf(await api.call("webhook.list")).webhooks)
    await api.call("webhook.delete", { webhook: id });
  await receiver.close();
  await node.close();
  await redis.close();
});

function startNode(
  url: string | null = null,
  allowedRanges = ["127.0.0.1"],
  nodePrefix = prefix,
): Promise<TestNode> {
  const webhooks = {
    url: url === null ? null : new URL(url),
    secrets: [TEST_WEBHOOK_SECRET],
    allowedRanges,
    pace,
  };
  return startTestNode({ GRANDSTAND_PREFIX: nodePrefix }, undefined, { webhooks, presenceGraceMs: 50 });
}

/** Creates a webhook for the receiver. @returns its id and its secret */
async function create(input: object = {}): Promise<{ id: string; secret: string }> {
  const { webhook, secret } = dataOf(await api.call("webhook.create", { url: receiver.url, ...input }));
  return { id: webhook.id, secret };
}

async function remove(...ids: string[]): Promise<void> {
  for (const webhook of ids) dataOf(await api.call("webhook.delete", { webhook }));
}

function eventOf({ body }: ReceivedRequest): WebhookEvent {
  return JSON.parse(body) as WebhookEvent;
}

async function deliveries(webhook: string, state: string) {
  return dataOf(await api.call("webhook.deliveries", { webhook, state })).deliveries;
}

const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe("events", () => {
  it("OP7: a signed delivery has the event, and verifies with the secret of its webhook only", async () => {
    const room = freshId("room");
    const { id, secret } = await create({ ids: [room] });
    const { message } = dataOf(await api.call("chat.send", { room, text: "Hello" }));
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    const [{ body, headers }] = receiver.requests as [ReceivedRequest];
    const event = await verifyWebhook(body, headers, secret);
    expect(event).toEqual({
      type: "chat.message",
      timestamp: message.sentAt,
      data: { room, offset: 1, message },
    });
    expect(headers["webhook-id"]).toMatch(/^evt_/);
    await expect(verifyWebhook(body, headers, TEST_WEBHOOK_SECRET)).rejects.toThrow("signature");
    await expect(verifyWebhook(`${body} `, headers, secret)).rejects.toThrow("signature");
    const later = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) };
    await expect(verifyWebhook(body, later, secret)).rejects.toThrow("signature");
    const old = { ...headers, "webhook-timestamp": "1700000000" };
    await expect(verifyWebhook(body, old, secret)).rejects.toThrow("time");
    await remove(id);
  });

  it("OP7: each event reaches every enabled webhook that selects its type and its id, and no other webhook", async () => {
    const word = freshId("pick");
    const all = await create({ ids: [`${word}*`] });
    const some = await create({
      url: `${receiver.url}/some`,
      ids: [`${word}*`],
      events: ["counter.threshold"],
    });
    const none = await create({ url: `${receiver.url}/none`, ids: ["elsewhere-*"] });
    const off = await create({ url: `${receiver.url}/off`, ids: [`${word}*`], enabled: false });
    const room = `${word}-room`;
    const counter = `${word}-counter`;
    const board = `${word}-board`;
    const user = `${word}-user`;
    dataOf(await api.call("counter.configure", { counter, thresholds: [5] }));
    dataOf(await api.call("counter.add", { counter, by: 7 }));
    dataOf(await api.call("leaderboard.configure", { board, windows: ["all"] }));
    dataOf(await api.call("leaderboard.submit", { board, member: "ann", score: 10 }));
    dataOf(await api.call("leaderboard.submit", { board, member: "bo", score: 20 }));
    dataOf(await api.call("leaderboard.close", { board }));
    dataOf(await api.call("presence.keep", { room, user, ttlMs: 60_000, state: { mood: "good" } }));
    await eventually(() =>
      expect(receiver.requests.map(eventOf).map(({ type }) => type)).toContain("user.online"),
    );
    dataOf(await api.call("presence.drop", { room, user }));
    const expected = [
      ["counter.threshold", { counter, threshold: 5, value: 7 }],
      [
        "leaderboard.rank_changed",
        { board, window: "all", season: "all", changes: [change("ann", 10, 1, null)] },
      ],
      [
        "leaderboard.rank_changed",
        {
          board,
          window: "all",
          season: "all",
          changes: [change("bo", 20, 1, null), change("ann", 10, 2, 1)],
        },
      ],
      [
        "leaderboard.season_closed",
        {
          board,
          window: "all",
          season: "all",
          next: "all.2",
          total: 2,
          startsAt: anyTime,
          closedAt: anyTime,
        },
      ],
      ["presence.joined", { room, member: { user, state: { mood: "good" }, since: anyTime, profile: null } }],
      ["presence.left", { room, user }],
      ["user.online", { user }],
      ["user.offline", { user }],
    ];
    await eventually(() => expect(receiver.requests).toHaveLength(expected.length + 1));
    const received = receiver.requests.filter(({ path }) => path === "/").map(eventOf);
    for (const [type, data] of expected) expect(received).toContainEqual({ type, timestamp: anyTime, data });
    const other = receiver.requests.filter(({ path }) => path !== "/");
    expect(other.map(({ path }) => path)).toEqual(["/some"]);
    expect(eventOf(other[0]!).type).toBe("counter.threshold");
    await remove(all.id, some.id, none.id, off.id);
  });

  it("leaderboard.rank_changed reports moves into, within and out of the first `top` ranks, but none below them", async () => {
    const board = freshId("ranked");
    const { id } = await create({ ids: [board], events: ["leaderboard.rank_changed"], top: 2 });
    dataOf(await api.call("leaderboard.configure", { board, windows: ["all"], operator: "last" }));
    const submit = async (member: string, score: number) => {
      dataOf(await api.call("leaderboard.submit", { board, member, score }));
    };
    const changes = () =>
      receiver.requests.map(eventOf).map(({ data }) => (data as { changes: unknown }).changes);
    for (const [member, score] of [
      ["ann", 50],
      ["bo", 40],
      ["cy", 30],
      ["di", 20],
    ] as const)
      await submit(member, score);
    await submit("di", 25);
    await submit("di", 45);
    await submit("ann", 10);
    await eventually(() => expect(receiver.requests).toHaveLength(4));
    // Deliveries may arrive in any order.
    expect(changes()).toEqual(
      expect.arrayContaining([
        [change("ann", 50, 1, null)],
        [change("bo", 40, 2, null)],
        [change("di", 45, 2, 4), change("bo", 40, 3, 2)],
        [change("ann", 10, 4, 1), change("di", 45, 1, 2), change("bo", 40, 2, 3)],
      ]),
    );
    await remove(id);
  });

  it("CT4: a message that is deleted before its delivery is retried is delivered without its text", async () => {
    const room = freshId("room");
    const { id } = await create({ ids: [room], events: ["chat.message"] });
    receiver.answer((_, response) => void response.writeHead(500).end());
    dataOf(await api.call("chat.send", { room, text: "a secret that is deleted" }));
    await eventually(() => expect(receiver.requests.length).toBeGreaterThan(0));
    dataOf(await api.call("chat.delete", { room, offset: 1 }));
    receiver.requests.length = 0;
    receiver.answer((_, response) => void response.end());
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    const { data } = eventOf(receiver.requests[0]!);
    expect(data).toMatchObject({ message: { deleted: true, text: "" } });
    await remove(id);
  });
});

function change(member: string, score: number, rank: number, previousRank: number | null) {
  return { member, score, rank, previousRank };
}

describe("receivers that fail", () => {
  it("OP7: a delivery is repeated with the same id until the receiver accepts it", async () => {
    const room = freshId("room");
    const { id } = await create({ ids: [room], events: ["chat.message"] });
    let attempts = 0;
    receiver.answer((_, response) => {
      attempts += 1;
      response.writeHead(attempts < 3 ? 503 : 204).end();
    });
    dataOf(await api.call("chat.send", { room, text: "Hello" }));
    await eventually(() => expect(receiver.requests).toHaveLength(3));
    expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    await eventually(async () =>
      expect(await deliveries(id, "delivered")).toEqual([
        expect.objectContaining({ state: "delivered", attempts: 3, reason: null, subject: room }),
      ]),
    );
    await remove(id);
  });

  it("OP7: a receiver that is down, slow or answers garbage keeps no delivery from others, and its deliveries show the reason", async () => {
    const room = freshId("room");
    const inner = await startReceiver();
    const redirecting = await startReceiver();
    redirecting.answer((_, response) => void response.writeHead(302, { location: inner.url }).end());
    const gone = await startReceiver();
    gone.answer((_, response) => void response.writeHead(410).end());
    // Nothing listens on this port.
    const down = { url: "http://127.0.0.1:1" };
    const slow = await startRawReceiver(() => {});
    const garbage = await startRawReceiver((socket) => void socket.write("220 mail ready\r\n"));
    const endless = await startRawReceiver((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(65_536)}`);
      const timer = setInterval(() => socket.write("x".repeat(4_096)), 1);
      socket.on("close", () => clearInterval(timer));
    });
    const reasons = {
      [down.url]: /ECONNREFUSED/,
      [slow.url]: /no response within 1000 ms/,
      [garbage.url]: /HPE_/,
      [redirecting.url]: /answered 302; redirects are not followed/,
      [gone.url]: /answered 410/,
    };
    const healthy = await create({ ids: [room], events: ["chat.message"] });
    const ids = new Map<string, string>();
    for (const url of [...Object.keys(reasons), endless.url])
      ids.set(url, (await create({ url, ids: [room], events: ["chat.message"] })).id);
    for (let number = 0; number < 12; number += 1)
      dataOf(await api.call("chat.send", { room, text: `number ${number}` }));
    await eventually(() => expect(receiver.requests).toHaveLength(12));
    for (const [url, reason] of Object.entries(reasons)) {
      const state = url === gone.url ? "dead" : "pending";
      await eventually(async () => {
        const found = await deliveries(ids.get(url)!, state);
        expect(found, `${url} ${reason}`).toHaveLength(12);
        expect(found.map((one: { reason: string }) => one.reason)).toContainEqual(
          expect.stringMatching(reason),
        );
      });
    }
    // The status 200 is enough for a delivery, even if the answer never ends.
    await eventually(async () =>
      expect(await deliveries(ids.get(endless.url)!, "delivered")).toHaveLength(12),
    );
    expect(inner.requests).toEqual([]);
    await remove(healthy.id, ...ids.values());
    await Promise.all([inner, redirecting, gone, slow, garbage, endless].map((each) => each.close()));
  });

  it("OP7: a delivery that is given up is a dead letter with its reason, and can be replayed", async () => {
    const room = freshId("room");
    const { id } = await create({ ids: [room], events: ["chat.message"] });
    receiver.answer((_, response) => void response.writeHead(410).end());
    for (const text of ["one", "two", "three"]) dataOf(await api.call("chat.send", { room, text }));
    await eventually(async () => expect(await deliveries(id, "dead")).toHaveLength(3));
    const [first] = await deliveries(id, "dead");
    expect(first).toMatchObject({ event: "chat.message", attempts: 1, reason: "the receiver answered 410" });
    receiver.requests.length = 0;
    receiver.answer((_, response) => void response.end());
    const replay = async (ids?: string[]) =>
      dataOf(await api.call("webhook.replay", { webhook: id, ...(ids && { deliveries: ids }) }));
    expect(await replay([first.id, "evt_unknown"])).toEqual({ replayed: 1, unknown: ["evt_unknown"] });
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    expect(receiver.requests[0]!.headers["webhook-id"]).toBe(first.id);
    expect(await replay()).toEqual({ replayed: 2, unknown: [] });
    await eventually(async () => expect(await deliveries(id, "delivered")).toHaveLength(3));
    expect(await deliveries(id, "dead")).toEqual([]);
    await remove(id);
  });

  it("AU8: an export contains the dead letters that name the user, and no others", async () => {
    const room = freshId("room");
    const [user, other] = [freshId("user"), freshId("user")];
    const dead = await create({ ids: [room], events: ["presence.joined"] });
    receiver.answer((_, response) => void response.writeHead(410).end());
    for (const each of [user, other])
      dataOf(await api.call("presence.keep", { room, user: each, ttlMs: 60_000 }));
    await eventually(async () => expect(await deliveries(dead.id, "dead")).toHaveLength(2));

    const read = (query = "") =>
      fetch(`${node.url}/v1/users/${user}/export${query}`, {
        headers: { authorization: `Bearer ${TEST_API_KEY}` },
      });
    const lines = (await (await read()).text())
      .split("\n")
      .filter(Boolean)
      .map((line): { domain: string } => JSON.parse(line));
    expect(lines.filter(({ domain }) => domain === "webhook")).toEqual([
      expect.objectContaining({ kind: "delivery", webhook: dead.id, subject: room, state: "dead" }),
    ]);
    const forged = Buffer.from("webhook nowhere").toString("base64url");
    const refused = await read(`?cursor=${forged}`);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ issues: [{ path: "cursor", rule: "cursor" }] });
    await remove(dead.id);
  });

  it("AU8: an erasure removes the deliveries that name the user", async () => {
    const room = freshId("room");
    const [user, other] = [freshId("user"), freshId("user")];
    const { id } = await create({ ids: [room], events: ["presence.joined"] });
    receiver.answer((_, response) => void response.writeHead(410).end());
    for (const each of [user, other])
      dataOf(await api.call("presence.keep", { room, user: each, ttlMs: 60_000 }));
    await eventually(async () => expect(await deliveries(id, "dead")).toHaveLength(2));
    await eventually(async () => {
      expect(dataOf(await api.call("user.erase", { user })).removed.webhook).toEqual({ deliveries: 1 });
    });
    expect(await deliveries(id, "dead")).toHaveLength(1);
    await remove(id);
  });
});

describe("addresses that are not public", () => {
  it("OP7: nothing is sent to a private address, by number or by name, unless a setting allows it", async () => {
    const strict = await startNode(null, []);
    const client = await restDriver.open(strict.url, TEST_API_KEY);
    const hosts = [
      "127.0.0.1",
      "10.1.2.3",
      "192.168.1.1",
      "169.254.169.254",
      "0.0.0.0",
      "[::1]",
      "[fd00::1]",
    ];
    const disguised = ["[::ffff:10.0.0.1]", "2130706433", "0x7f.1", "[64:ff9b::7f00:1]"];
    for (const host of [...hosts, ...disguised]) {
      const ack = await client.call("webhook.create", { url: `http://${host}/` });
      expect(ack, host).toEqual({ ok: false, error: expect.objectContaining({ code: "bad_request" }) });
      expect(issuesOf(ack), host).toEqual([expect.objectContaining({ path: "url", rule: "address" })]);
    }
    const url = receiver.url.replace("127.0.0.1", "localhost");
    const { webhook } = dataOf(await client.call("webhook.create", { url, ids: ["nothing"] }));
    const { delivered, reason } = dataOf(await client.call("webhook.test", { webhook: webhook.id }));
    expect({ delivered, reason }).toEqual({
      delivered: false,
      reason: "the host localhost has an address that is not public",
    });
    expect(receiver.requests).toEqual([]);
    await remove(webhook.id);
    await strict.close();
  });
});

describe("webhooks as operations", () => {
  it("OP7: webhooks can be created, listed, changed, tested and deleted; invalid URLs and unknown ids are refused", async () => {
    const { id, secret } = await create({ events: ["chat.message"], ids: ["a*"], top: 3 });
    expect(secret).toMatch(/^whsec_/);
    const listed = dataOf(await api.call("webhook.list")).webhooks;
    expect(listed).toEqual([
      {
        id,
        url: `${receiver.url}/`,
        events: ["chat.message"],
        ids: ["a*"],
        top: 3,
        enabled: true,
        createdAt: anyTime,
      },
    ]);
    expect(dataOf(await api.call("webhook.update", { webhook: id, top: 5 })).webhook).toMatchObject({
      top: 5,
      events: ["chat.message"],
    });
    expect(dataOf(await api.call("webhook.test", { webhook: id }))).toMatchObject({
      delivered: true,
      status: 200,
    });
    const [{ body, headers }] = receiver.requests as [ReceivedRequest];
    expect(await verifyWebhook(body, headers, secret)).toMatchObject({ type: "webhook.test" });
    const same = { url: receiver.url, idempotencyKey: "once" };
    const [one, two] = [await api.call("webhook.create", same), await api.call("webhook.create", same)];
    expect(dataOf(two)).toEqual(dataOf(one));
    await remove(id, dataOf(one).webhook.id);
    expect(await api.call("webhook.test", { webhook: id })).toMatchObject(failure("not_found"));
    expect(await api.call("webhook.delete", { webhook: id })).toMatchObject(failure("not_found"));
    for (const url of ["ftp://example.com", "https://user:word@example.com", "example.com"])
      expect(await api.call("webhook.create", { url })).toMatchObject(failure("bad_request"));
  });

  it("without a webhook, a message costs no command for webhooks and leaves no key of webhooks", async () => {
    const plain = await startTestNode();
    const client = await restDriver.open(plain.url, TEST_API_KEY);
    const room = freshId("room");
    const lines = await monitor(redis.commands, async () => {
      dataOf(await client.call("chat.send", { room, text: "Hello" }));
    });
    const own = lines.filter((line) => line.includes(plain.prefix));
    expect(own.length).toBeGreaterThan(0);
    // The Lua script of `chat.send` receives the key of the outbox (queued webhook events), but does not use the key here.
    expect(own.filter((line) => /outbox|webhook/.test(line) && !/"eval/i.test(line))).toEqual([]);
    expect(await redis.commands.keys(`*${plain.prefix}*{webhooks}*`)).toEqual([]);
    expect(await redis.commands.keys(`*${plain.prefix}*webhook-*`)).toEqual([]);
    await plain.close();
  });

  it("a deleted webhook leaves no key in Redis", async () => {
    const room = freshId("room");
    const { id } = await create({ ids: [room] });
    receiver.answer((_, response) => void response.writeHead(500).end());
    dataOf(await api.call("chat.send", { room, text: "Hello" }));
    await eventually(async () => expect(await deliveries(id, "pending")).toHaveLength(1));
    await remove(id);
    await eventually(async () => expect(await redis.commands.keys(`*${prefix}*${id}*`)).toEqual([]));
  });

  it("the webhook in the settings receives events, signed with the secret in the settings, and can't be deleted while it is set", async () => {
    const url = `${receiver.url}/settings`;
    // This node has its own prefix. With a common prefix, the other node, which lacks the setting, would remove the event.
    const ownPrefix = freshPrefix();
    const set = await startNode(url, undefined, ownPrefix);
    const client = await restDriver.open(set.url, TEST_API_KEY);
    const room = freshId("room");
    dataOf(await client.call("chat.send", { room, text: "Hello" }));
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    const [{ body, headers, path }] = receiver.requests as [ReceivedRequest];
    expect(path).toBe("/settings");
    expect(await verifyWebhook(body, headers, TEST_WEBHOOK_SECRET)).toMatchObject({ type: "chat.message" });
    expect(await client.call("webhook.delete", { webhook: "settings" })).toMatchObject(failure("conflict"));
    await set.close();
    // Once no node has the setting, a deletion removes the deliveries that are left.
    const unset = await startNode(null, undefined, ownPrefix);
    const later = await restDriver.open(unset.url, TEST_API_KEY);
    dataOf(await later.call("webhook.delete", { webhook: "settings" }));
    expect(await redis.commands.keys(`*${ownPrefix}*webhook-settings*`)).toEqual([]);
    await unset.close();
  });
});
