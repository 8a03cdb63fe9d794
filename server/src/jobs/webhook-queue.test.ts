import { afterAll, beforeAll, expect, it } from "vitest";
import { freshPrefix } from "../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../test/support/redis-client.js";
import { silentLog } from "../../test/support/silent-log.js";
import { webhookPace } from "../config/config.js";
import type { QueuedEvent } from "../domains/shared/queued-event.js";
import { noObserver } from "../observer/observer.js";
import { fullPace } from "../redis/pace.js";
import { WebhookQueue } from "./webhook-queue.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await connectTestRedis();
});

afterAll(() => redis.close());

/** More than BullMQ removes in one step (1,000), so that the steps of simultaneous removals alternate. */
const DELIVERIES = 3_000;

it("OP7: four removals of one queue at the same time all succeed, and no key of the queue is left", async () => {
  const prefix = `{${freshPrefix()}}`;
  const options = {
    redis: redis.jobs,
    prefix,
    pace: fullPace,
    log: silentLog,
    observer: noObserver,
  };
  const queues = Array.from({ length: 4 }, () => new WebhookQueue("wh_1", options, webhookPace));
  const event: QueuedEvent = {
    event: "chat.message",
    id: "evt_1",
    source: { kind: "room", id: "lobby" },
    atMs: 0,
    values: [],
  };
  await queues[0]!.add(
    Array.from({ length: DELIVERIES }, (_, at) => ({ id: `evt_${at}`, job: { event, users: [] } })),
  );
  await Promise.all(queues.map((queue) => queue.remove()));
  expect(await redis.commands.keys(`${prefix}*`)).toEqual([]);
});
