import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { RestartableRedis } from "../../test/support/chaos/restartable-redis.js";
import { eventually } from "../../test/support/eventually.js";
import { expectWithin } from "../../test/support/expect-within.js";
import { type FreezableProxy, freezableProxy } from "../../test/support/freezable-proxy.js";
import { freshPrefix } from "../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../test/support/redis-client.js";
import { silentLog } from "../../test/support/silent-log.js";
import { noObserver, type Observer } from "../observer/observer.js";
import { Keys } from "../redis/keys.js";
import { subscriptionOptions } from "./options.js";
import type { Pace } from "./pace.js";
import { ServerTopics } from "./server-topics.js";

const probe = await connectTestRedis();
const commands =
  probe.publishCommand === "SPUBLISH" ? (["SPUBLISH", "PUBLISH"] as const) : (["PUBLISH"] as const);
await probe.close();

describe.each(commands)("with %s", (publishCommand) => {
  let direct: TestRedis;
  let proxy: FreezableProxy;
  let subscriptions: Redis;
  let topics: ServerTopics;
  let topic: string;
  let received: string[];
  let resyncs: number;
  const listener = {
    receive: (message: string) => received.push(message),
    resync: () => {
      resyncs += 1;
    },
  };

  beforeEach(async () => {
    received = [];
    resyncs = 0;
    topic = `${freshPrefix()}:{t}`;
    direct = await connectTestRedis();
    proxy = await freezableProxy(inject("redisUrl"));
    subscriptions = new Redis(proxy.url, { ...subscriptionOptions(), autoResubscribe: false });
    subscriptions.on("error", () => {});
    topics = new ServerTopics({
      subscriptions,
      publish: (to, message) => direct.commands.call(publishCommand, to, message),
      publishCommand,
      heartbeatTopic: new Keys(freshPrefix()).heartbeat(randomUUID(), 0),
      log: silentLog,
    });
    await topics.start();
  });

  afterEach(async () => {
    topics.stop();
    subscriptions.disconnect();
    await Promise.all([direct.close(), proxy.close()]);
  });

  const publish = (message: string) => direct.commands.call(publishCommand, topic, message);

  it("delivers every message in order once listen has resolved", async () => {
    await topics.listen(topic, listener);
    const messages = Array.from({ length: 100 }, (_, at) => String(at));
    await Promise.all(messages.map(publish));
    await eventually(() => expect(received).toEqual(messages));
    expect(topics.topicCount).toBe(1);
  });

  it("delivers no message of a topic after ignore", async () => {
    await topics.listen(topic, listener);
    topics.ignore(topic);
    await eventually(async () => expect(await publish("too late")).toBe(0));
    expect(received).toEqual([]);
    expect(topics.topicCount).toBe(0);
  });

  it("CH5: after a dropped connection the topics are subscribed again, and `resync` of each listener is called", async () => {
    await topics.listen(topic, listener);
    proxy.cut();
    await eventually(() => expect(topics.isSynced).toBe(false));
    await eventually(() => expect([topics.isSynced, resyncs]).toEqual([true, 1]));
    await publish("after");
    await eventually(() => expect(received).toEqual(["after"]));
  });

  it("CH5: the heartbeat detects a silent connection within 5 s", async () => {
    await topics.listen(topic, listener);
    proxy.freeze();
    const frozenAt = performance.now();
    await eventually(() => expect(topics.isSynced).toBe(false));
    expectWithin(5_000, frozenAt);
    await eventually(() => expect(resyncs).toBe(1));
  });

  it("CH5: a connection that stalls during a reconnect is replaced", async () => {
    await topics.listen(topic, listener);
    proxy.freezeNew();
    proxy.cut();
    await eventually(() => expect(topics.isSynced).toBe(false));
    await eventually(() => expect(proxy.frozenCount).toBeGreaterThan(0));
    proxy.thawNew();
    await eventually(() => expect([topics.isSynced, resyncs]).toEqual([true, 1]));
  });

  it("CH5: an idle node does not count a heartbeat as missing that arrived before the reply to its publication", async () => {
    topics.stop();
    let beat = () => {};
    const pace = {
      every: (_: object, task: () => void) => {
        beat = task;
        return () => {};
      },
    } as unknown as Pace;
    let arrivals = 0;
    const observer: Observer = {
      ...noObserver,
      note: (fact) => {
        if (fact === "busHeartbeat") arrivals += 1;
      },
    };
    let replies = 0;
    topics = new ServerTopics({
      subscriptions,
      publish: async (to, message) => {
        const before = arrivals;
        await direct.commands.call(publishCommand, to, message);
        await eventually(() => expect(arrivals).toBeGreaterThan(before));
        replies += 1;
      },
      publishCommand,
      heartbeatTopic: new Keys(freshPrefix()).heartbeat(randomUUID(), 0),
      observer,
      pace,
      log: silentLog,
    });
    await topics.start();
    beat();
    await eventually(() => expect(replies).toBe(1));
    // `topics` handles the reply one turn of the event loop after this test has counted it.
    await new Promise(setImmediate);
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + 60_000);
    beat();
    clock.mockRestore();
    expect(topics.isSynced).toBe(true);
    await eventually(() => expect(replies).toBe(2));
  });

  it("a listener that is added while the connection is lost receives messages once `listen` has resolved", async () => {
    proxy.cut();
    await eventually(() => expect(topics.isSynced).toBe(false));
    await topics.listen(topic, listener);
    expect(topics.isSynced).toBe(true);
    await publish("after");
    await eventually(() => expect(received).toEqual(["after"]));
  });

  it("a listener that is added during a reconnect receives messages, and a topic that is ignored then is unsubscribed", async () => {
    const early = `${topic}-early`;
    await topics.listen(early, { receive: () => {}, resync: () => {} });
    let listening: Promise<void> | undefined;
    subscriptions.once("ready", () => {
      listening = topics.listen(topic, listener);
      topics.ignore(early);
    });
    proxy.cut();
    await eventually(() => expect(listening).toBeDefined());
    await listening;
    await publish("heard");
    await eventually(() => expect(received).toEqual(["heard"]));
    await eventually(async () => expect(await direct.commands.call(publishCommand, early, "")).toBe(0));
  });

  it("a message that its listener can't read causes a resync", async () => {
    await topics.listen(topic, {
      receive: (message) => received.push(JSON.parse(message)),
      resync: listener.resync,
    });
    await publish("{");
    await publish('"complete"');
    await eventually(() => expect([received, resyncs]).toEqual([["complete"], 1]));
  });

  it("`listen` fails with `unavailable` when Redis does not confirm the subscription", async () => {
    proxy.freeze();
    await expect(topics.listen(topic, listener)).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("CH5: `resync` of a listener is called when Redis confirms its topic after `listen` has failed", async ({
  onTestFinished,
}) => {
  const redis = await RestartableRedis.start();
  onTestFinished(() => redis.stop());
  const subscriptions = new Redis(redis.socketPath, { ...subscriptionOptions(), autoResubscribe: false });
  const topics = new ServerTopics({
    subscriptions,
    publish: (to, message) => redis.client.publish(to, message),
    publishCommand: "PUBLISH",
    heartbeatTopic: "heartbeat",
    log: silentLog,
  });
  onTestFinished(() => {
    topics.stop();
    subscriptions.disconnect();
  });
  await topics.start();
  let resyncs = 0;
  redis.pause();
  const listened = topics.listen("late", {
    receive: () => {},
    resync: () => {
      resyncs += 1;
    },
  });
  await expect(listened).rejects.toMatchObject({ code: "unavailable" });
  redis.resume();
  await eventually(() => expect(resyncs).toBe(1));
});

it("CH5: `review` resyncs the listeners of confirmed topics also when the server refuses another topic", async ({
  onTestFinished,
}) => {
  const redis = await RestartableRedis.start();
  onTestFinished(() => redis.stop());
  await redis.client.call("ACL", "SETUSER", "node", "on", ">secret", "~*", "+@all", "allchannels");
  const subscriptions = new Redis(redis.socketPath, {
    ...subscriptionOptions(),
    username: "node",
    password: "secret",
    autoResubscribe: false,
  });
  subscriptions.on("error", () => {});
  const topics = new ServerTopics({
    subscriptions,
    publish: (to, message) => redis.client.publish(to, message),
    publishCommand: "PUBLISH",
    heartbeatTopic: "heartbeat",
    split: (all) => all.map((one) => [one]),
    log: silentLog,
  });
  onTestFinished(() => {
    topics.stop();
    subscriptions.disconnect();
  });
  await topics.start();
  const resyncs = { kept: 0, refused: 0 };
  for (const topic of ["kept", "refused"] as const) {
    await topics.listen(topic, {
      receive: () => {},
      resync: () => {
        resyncs[topic] += 1;
      },
    });
  }
  // Redis closes a connection whose user has lost the right to a channel that the connection is subscribed to.
  await redis.client.call("ACL", "SETUSER", "node", "resetchannels", "&kept", "&heartbeat");
  await eventually(() => expect(resyncs).toEqual({ kept: 1, refused: 0 }));
  await topics.review();
  expect(resyncs).toEqual({ kept: 2, refused: 0 });
});
