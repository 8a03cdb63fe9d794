import type { WebhookEvent } from "@grandstand/sdk/webhook";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { webhookPace } from "../../src/config/config.js";
import { chatModule } from "../../src/domains/chat/module.js";
import { EventQueue } from "../../src/domains/shared/event-queue.js";
import { OutboxMover } from "../../src/domains/webhook/outbox-mover.js";
import { WebhookRegistry } from "../../src/domains/webhook/registry.js";
import { Keys } from "../../src/redis/keys.js";
import { fullPace } from "../../src/redis/pace.js";
import { dataOf } from "../support/acks.js";
import { serverCall } from "../support/domain.js";
import { domainDependencies } from "../support/domain-dependencies.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, freshPrefix, TEST_API_KEY, TEST_WEBHOOK_SECRET } from "../support/names.js";
import { startNode } from "../support/node-process.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { connectTestRedis, type TestRedis } from "../support/redis-client.js";
import { silentLog } from "../support/silent-log.js";

const webhooks = {
  url: null,
  secrets: [TEST_WEBHOOK_SECRET],
  allowedRanges: ["127.0.0.1"],
  pace: { ...webhookPace, retriesMs: [50, 50, 50], lockMs: 1_000, sweepMs: 300 },
};

const paces = {
  busy: { idleAfterMs: 3_600_000, idleSpeed: 1 },
  // An idle node looks every 120 s for events that other nodes left. `idleSpeed` divides this interval: here it is 1.2 s.
  idle: { idleAfterMs: 200, idleSpeed: 100 },
};

let prefix: string;
let redis: TestRedis;
let survivor: TestNode;
let receiver: Receiver;

beforeAll(async () => {
  prefix = freshPrefix();
  redis = await connectTestRedis(inject("redisUrl"));
  receiver = await startReceiver();
  survivor = await startTestNode({ GRANDSTAND_PREFIX: prefix }, undefined, { webhooks, pace: paces.busy });
});

afterAll(async () => {
  await survivor.close();
  await receiver.close();
  await redis.close();
});

function deliveredOffsets(path: string): number[] {
  const bodies = receiver.requests.filter((request) => request.path === path).map(({ body }) => body);
  return bodies.map((body) => (JSON.parse(body) as WebhookEvent & { type: "chat.message" }).data.offset);
}

it.each(["busy", "idle"] as const)(
  "OP7: a node that is %s delivers every message that a killed node acknowledged; deliveries under way keep their id",
  async (pace) => {
    const room = freshId("room");
    const prefix = freshPrefix();
    const survivor = await startTestNode({ GRANDSTAND_PREFIX: prefix }, undefined, {
      webhooks,
      pace: paces[pace],
    });
    receiver.requests.length = 0;
    const api = await restDriver.open(survivor.url, TEST_API_KEY);
    const { webhook } = dataOf(
      await api.call("webhook.create", {
        url: `${receiver.url}/killed`,
        ids: [room],
        events: ["chat.message"],
      }),
    );
    const env = {
      GRANDSTAND_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
      GRANDSTAND_WEBHOOK_ALLOWED_RANGES: "127.0.0.1",
    };
    const victim = await startNode({ redisUrl: inject("redisUrl"), prefix, env });
    // The receiver does not answer, so no delivery is complete when the node is killed.
    receiver.answer(() => {});
    const client = await restDriver.open(victim.url, TEST_API_KEY);
    let acknowledged = 0;
    const sending = (async () => {
      for (;;) {
        const ack = await client.call("chat.send", { room, text: "Hello" }).catch(() => null);
        if (ack?.ok !== true) return;
        acknowledged += 1;
      }
    })();
    await eventually(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(8));
    const underWay = receiver.requests.map(({ headers }) => headers["webhook-id"]);
    await victim.kill();
    await sending;
    receiver.requests.length = 0;
    receiver.answer((_, response) => void response.end());
    const everyOffset = Array.from({ length: acknowledged }, (_, at) => at + 1);
    await eventually(() => {
      expect(deliveredOffsets("/killed")).toEqual(expect.arrayContaining(everyOffset));
      const ids = receiver.requests.map(({ headers }) => headers["webhook-id"]);
      expect(ids).toEqual(expect.arrayContaining(underWay));
    });
    dataOf(await api.call("webhook.delete", { webhook: webhook.id }));
    await survivor.close();
  },
  40_000,
);

it("OP7: a node delivers the events that another node left in an event outbox", async () => {
  const room = freshId("room");
  const api = await restDriver.open(survivor.url, TEST_API_KEY);
  const { webhook } = dataOf(
    await api.call("webhook.create", { url: `${receiver.url}/left`, ids: [room], events: ["chat.message"] }),
  );
  const keys = new Keys(prefix);
  const stores = { redis: redis.commands, keys, log: silentLog, pace: fullPace };
  const registry = new WebhookRegistry(stores, webhooks);
  await registry.load();
  const noQueues = { add: async () => {}, remove: async () => {} };
  const mover = new OutboxMover(stores, registry, noQueues, 60_000);
  const stopping = new EventQueue(registry, { note: (source) => mover.note(source), drain: () => {} });
  const { operations } = chatModule(domainDependencies({ redis, keys }, { events: stopping }));
  await operations["chat.send"]({ room, text: "Hello" }, serverCall);
  await eventually(() => expect(deliveredOffsets("/left")).toEqual([1]));
  expect(await redis.commands.exists(keys.room(room).outbox)).toBe(0);
  // An empty outbox that is old enough is removed from the list of outboxes.
  const { outboxes } = keys.webhooks;
  await redis.commands.zadd(outboxes, Date.now() - 200_000, `room:${room}`);
  await eventually(async () => expect(await redis.commands.zscore(outboxes, `room:${room}`)).toBeNull());
  dataOf(await api.call("webhook.delete", { webhook: webhook.id }));
});
