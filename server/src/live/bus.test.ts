import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { type FreezableProxy, freezableProxy } from "../../test/support/freezable-proxy.js";
import { freshPrefix } from "../../test/support/names.js";
import { connectRedis, type RedisConnections } from "../redis/client.js";
import { Keys } from "../redis/keys.js";
import { Bus } from "./bus.js";

const log = pino({ level: "silent" });

const probe = await connectRedis(inject("redisUrl"), log);
const commands =
  probe.publishCommand === "SPUBLISH" ? (["SPUBLISH", "PUBLISH"] as const) : (["PUBLISH"] as const);
await probe.close();

describe.each(commands)("with %s", (publishCommand) => {
  let direct: RedisConnections;
  let proxy: FreezableProxy;
  let proxied: RedisConnections;
  let bus: Bus;
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
    direct = await connectRedis(inject("redisUrl"), log);
    proxy = await freezableProxy(inject("redisUrl"));
    proxied = await connectRedis(proxy.url, log);
    bus = new Bus({
      subscriptions: proxied.subscriptions,
      commands: direct.commands,
      publishCommand,
      heartbeatTopic: new Keys(freshPrefix()).heartbeat(randomUUID()),
      log,
    });
    await bus.start();
  });

  afterEach(async () => {
    bus.stop();
    proxied.subscriptions.disconnect();
    await Promise.all([direct.close(), proxied.close(), proxy.close()]);
  });

  const publish = (message: string) => direct.commands.call(publishCommand, topic, message);

  it("delivers every message in order once listen has resolved", async () => {
    await bus.listen(topic, listener);
    const messages = Array.from({ length: 100 }, (_, at) => String(at));
    await Promise.all(messages.map(publish));
    await eventually(() => expect(received).toEqual(messages));
    expect(bus.topicCount).toBe(1);
  });

  it("delivers no message of a topic after ignore", async () => {
    await bus.listen(topic, listener);
    bus.ignore(topic);
    await eventually(async () => expect(await publish("too late")).toBe(0));
    expect(received).toEqual([]);
    expect(bus.topicCount).toBe(0);
  });

  it("CH5: after a dropped connection it subscribes again and calls resync on its listeners", async () => {
    await bus.listen(topic, listener);
    proxy.cut();
    await eventually(() => expect(bus.isSynced).toBe(false));
    await eventually(() => expect([bus.isSynced, resyncs]).toEqual([true, 1]));
    await publish("after");
    await eventually(() => expect(received).toEqual(["after"]));
  });

  it("CH5: the heartbeat detects a silent connection within 5 s", async () => {
    await bus.listen(topic, listener);
    proxy.freeze();
    const frozenAt = performance.now();
    await eventually(() => expect(bus.isSynced).toBe(false));
    expect(performance.now() - frozenAt).toBeLessThan(5_000);
    await eventually(() => expect(resyncs).toBe(1));
  });

  it("CH5: a connection that stalls during a reconnect is replaced", async () => {
    await bus.listen(topic, listener);
    proxy.freezeNew();
    proxy.cut();
    await eventually(() => expect(bus.isSynced).toBe(false));
    await eventually(() => expect(proxy.frozenCount).toBeGreaterThan(0));
    proxy.thawNew();
    await eventually(() => expect([bus.isSynced, resyncs]).toEqual([true, 1]));
  });

  it("a listener added while the connection is lost receives messages once it is synced", async () => {
    proxy.cut();
    await eventually(() => expect(bus.isSynced).toBe(false));
    await bus.listen(topic, listener);
    expect(bus.isSynced).toBe(true);
    await publish("after");
    await eventually(() => expect(received).toEqual(["after"]));
  });

  it("a listener added during a reconnect receives messages", async () => {
    const early = `${topic}-early`;
    await bus.listen(early, { receive: () => {}, resync: () => {} });
    let listening: Promise<void> | undefined;
    proxied.subscriptions.once("ready", () => {
      listening = bus.listen(topic, listener);
      bus.ignore(early);
    });
    proxy.cut();
    await eventually(() => expect(listening).toBeDefined());
    await listening;
    await publish("heard");
    await eventually(() => expect(received).toEqual(["heard"]));
    await eventually(async () => expect(await direct.commands.call(publishCommand, early, "")).toBe(0));
  });

  it("a message that its listener can't read causes a resync", async () => {
    await bus.listen(topic, {
      receive: (message) => received.push(JSON.parse(message)),
      resync: listener.resync,
    });
    await publish("{");
    await publish('"complete"');
    await eventually(() => expect([received, resyncs]).toEqual([["complete"], 1]));
  });

  it("a subscription that Redis does not confirm is `unavailable`", async () => {
    proxy.freeze();
    await expect(bus.listen(topic, listener)).rejects.toMatchObject({ code: "unavailable" });
  });
});
