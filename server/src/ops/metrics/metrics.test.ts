import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../../../test/support/accounts.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { freezableProxy } from "../../../test/support/freezable-proxy.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { readMetrics } from "../../../test/support/metrics.js";
import { TEST_API_KEY } from "../../../test/support/names.js";
import { metricTable } from "./table.js";

const TOKEN = "tbvD51hXqWcGyFz0";

describe("OP1: the metrics of a node", () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startTestNode();
  });

  afterAll(() => node.close());

  const read = () => readMetrics(node.metricsUrl!);

  it("have a line of help and a type for each row of the table", async () => {
    const { text } = await read();
    for (const [name, { help, type }] of Object.entries(metricTable)) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^nodejs_heap_size_used_bytes /m);
  });

  it("count each call by operation, transport and code", async () => {
    const before = await read();
    const clients = [
      await restDriver.open(node.url, TEST_API_KEY),
      await openWebSocket(node.url, TEST_API_KEY),
      await openSocketIo(node.url, TEST_API_KEY),
    ];
    for (const client of clients) {
      await client.call("counter.add", { counter: "calls" });
      await client.call("counter.get", { counter: "no such counter" });
    }
    await clients[1]!.call("counter.fly");
    const after = await read();
    const grown = (labels: Record<string, string>, name = "grandstand_calls_total") =>
      after.value(name, labels) - before.value(name, labels);
    for (const transport of ["rest", "websocket", "socketio"]) {
      expect(grown({ operation: "counter.add", transport, code: "ok" })).toBe(1);
      expect(grown({ operation: "counter.get", transport, code: "bad_request" })).toBe(1);
    }
    expect(grown({ operation: "unknown", transport: "websocket", code: "bad_request" })).toBe(1);
    expect(grown({ operation: "counter.add" }, "grandstand_call_duration_seconds_count")).toBe(3);
    expect(
      grown({ command: "counter.add" }, "grandstand_redis_command_duration_seconds_count"),
    ).toBeGreaterThan(0);
    for (const client of clients) await client.close();
  });

  it("count what is refused before it becomes a call, on every transport", async () => {
    const before = await read();
    const url = (path: string) => `${node.url}${path}`;
    await fetch(url("/v1/nothing"));
    await fetch(url("/v1/counters/c/add"), { method: "POST", headers: { "content-encoding": "gzip" } });
    await fetch(url("/v1/channels/counter:c/events"), { headers: { authorization: "Bearer wrong" } });
    const raw = connect(Number(new URL(node.url).port), "127.0.0.1");
    raw.end("this is not HTTP\r\n\r\n");
    await once(raw.resume(), "close");
    await expect(openSocketIo(node.url, "wrong")).rejects.toThrow();
    const badFrame = await openWebSocket(node.url, null);
    badFrame.socket.send("{");
    const wrongToken = await openWebSocket(node.url, "wrong");
    const upgrade = new WebSocket(`${node.url.replace("http", "ws")}/v1/ws`, {
      headers: { authorization: "Bearer wrong" },
    });
    await once(upgrade, "error");
    await fetch(url("/socket.io/?EIO=4&transport=polling"), { headers: { origin: "https://evil.example" } });
    const grown = async () => {
      const after = await read();
      return (transport: string, code: string) =>
        after.value("grandstand_refusals_total", { transport, code }) -
        before.value("grandstand_refusals_total", { transport, code });
    };
    await eventually(async () => expect((await grown())("websocket", "bad_request")).toBe(1));
    const count = await grown();
    expect(count("rest", "not_found")).toBe(1);
    expect(count("rest", "bad_request")).toBe(2);
    expect(count("sse", "unauthenticated")).toBe(1);
    expect(count("socketio", "unauthenticated")).toBe(1);
    expect(count("socketio", "forbidden")).toBe(1);
    expect(count("websocket", "unauthenticated")).toBe(2);
    await badFrame.close();
    await wrongToken.close();
  });

  it("show connections by transport, and why they closed", async () => {
    const { token, id } = await newGuest(node.url);
    const [socket, socketIo] = [
      await openWebSocket(node.url, TEST_API_KEY),
      await openSocketIo(node.url, token),
    ];
    const open = await read();
    expect(open.value("grandstand_connections", { transport: "websocket" })).toBe(1);
    expect(open.value("grandstand_connections", { transport: "socketio" })).toBe(1);
    const rest = await restDriver.open(node.url, TEST_API_KEY);
    await rest.call("session.revoke", { session: id });
    await socket.close();
    await eventually(async () => {
      const closed = await read();
      expect(closed.value("grandstand_connections")).toBe(0);
      const reasons = (labels: Record<string, string>) =>
        closed.value("grandstand_connections_closed_total", labels) -
        open.value("grandstand_connections_closed_total", labels);
      expect(reasons({ transport: "websocket", reason: "client" })).toBe(1);
      expect(reasons({ transport: "socketio", code: "4501", reason: "revoked" })).toBe(1);
    });
    await socketIo.close();
  });

  it("count publications, deliveries, subscriptions and their outcomes", async () => {
    const before = await read();
    const clients = await Promise.all([1, 2, 3].map(() => openWebSocket(node.url, TEST_API_KEY)));
    const [first] = clients;
    for (const { call } of clients) await call("channel.subscribe", { channel: "chat:counted" });
    await first!.call("chat.send", { room: "counted", text: "one" });
    await eventually(() => expect(clients.every(({ pushes }) => pushes.length === 1)).toBe(true));
    const since = { epoch: "no such epoch", offset: 1, id: "x" };
    await first!.call("channel.subscribe", { channel: "chat:counted", since });
    const after = await read();
    const grown = (name: string, labels: Record<string, string>) =>
      after.value(name, labels) - before.value(name, labels);
    expect(grown("grandstand_publications_total", { kind: "chat" })).toBe(1);
    expect(grown("grandstand_deliveries_total", { kind: "chat" })).toBe(3);
    expect(grown("grandstand_subscribes_total", { kind: "chat", outcome: "new" })).toBe(3);
    expect(grown("grandstand_subscribes_total", { kind: "chat", outcome: "epoch" })).toBe(1);
    expect(after.value("grandstand_subscriptions", { kind: "chat" })).toBe(3);
    expect(after.value("grandstand_channels")).toBe(1);
    for (const client of clients) await client.close();
  });

  it("never name a user, a room or what a client sent", async () => {
    const client = await openWebSocket(node.url, TEST_API_KEY);
    for (const op of ["secret-name.op", "chat.send"]) {
      await client.call(op, { room: "secret-name", text: "x", "secret-name": 1 });
    }
    await client.call("presence.lookup", { users: ["secret-name"] });
    await client.call("channel.subscribe", { channel: "chat:secret-name" });
    client.socket.close(4321, "secret-name");
    await fetch(`${node.url}/v1/secret-name`, { headers: { authorization: "Bearer secret-name" } });
    await eventually(() => expect(node.connectionCount()).toBe(0));
    expect((await read()).text).not.toMatch(/secret-name|"4321"|127\.0\.0\.1/);
  });
});

it("OP1: a limit that is reached is counted by its name", async () => {
  const limits = JSON.stringify({ connection: { burst: 5, perSecond: 1 } });
  const node = await startTestNode({ GRANDSTAND_LIMITS: limits });
  const { token } = await newGuest(node.url);
  const client = await openWebSocket(node.url, token);
  for (let call = 0; call < 6; call += 1) await client.call("counter.get", { counter: "c" });
  const { value } = await readMetrics(node.metricsUrl!);
  expect(value("grandstand_limits_reached_total", { limit: "connection" })).toBeGreaterThan(0);
  await client.close();
  await node.close();
});

it("OP1: a lost connection to Redis shows in the metrics, and so does its return", async () => {
  const proxy = await freezableProxy(inject("redisUrl"));
  const node = await startTestNode({}, proxy.url);
  const read = () => readMetrics(node.metricsUrl!);
  expect((await read()).value("grandstand_bus_synced")).toBe(1);
  await eventually(async () =>
    expect((await read()).value("grandstand_bus_lag_seconds_count")).toBeGreaterThan(0),
  );
  proxy.freezeNew();
  proxy.cut();
  await eventually(async () => {
    const { value } = await read();
    expect(value("grandstand_redis_connection_up")).toBe(0);
    expect(value("grandstand_bus_synced")).toBe(0);
    expect(value("grandstand_redis_serves", { access: "writes" })).toBe(0);
    expect(value("grandstand_redis_failures_total", { failure: "no reply" })).toBeGreaterThan(0);
  });
  proxy.thawNew();
  proxy.cut();
  await eventually(async () => {
    const { value } = await read();
    expect(value("grandstand_bus_syncs_total")).toBe(1);
    expect(value("grandstand_bus_synced")).toBe(1);
    expect(value("grandstand_redis_connects_total", { connection: "commands" })).toBe(2);
    expect(value("grandstand_redis_serves", { access: "writes" })).toBe(1);
  });
  await node.close();
  await proxy.close();
});

describe("OP1: access to the metrics", () => {
  const statusOf = async (url: string, token?: string) =>
    (await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status;

  it("requires the token, if the settings have one", async () => {
    const node = await startTestNode({ GRANDSTAND_METRICS_TOKEN: TOKEN });
    const url = node.metricsUrl!;
    expect(url).toBe(`${node.url}/metrics`);
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(url, `${TOKEN}x`)).toBe(401);
    expect(await statusOf(url, TEST_API_KEY)).toBe(401);
    expect(await statusOf(url, TOKEN)).toBe(200);
    await node.close();
  });

  it("is possible only at the metrics port, if the settings have one, and requires the token there too", async () => {
    const node = await startTestNode({ GRANDSTAND_METRICS_PORT: "0", GRANDSTAND_METRICS_TOKEN: TOKEN });
    const url = node.metricsUrl!;
    expect(new URL(url).port).not.toBe(new URL(node.url).port);
    expect(await statusOf(`${node.url}/metrics`, TOKEN)).toBe(404);
    expect(await statusOf(url)).toBe(401);
    expect(await statusOf(url, TOKEN)).toBe(200);
    expect(await statusOf(new URL("/v1/leaderboards", url).href, TOKEN)).toBe(404);
    await node.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it("is impossible in production without a token or a metrics port", async () => {
    const node = await startTestNode({
      NODE_ENV: "production",
      GRANDSTAND_API_KEYS: "test:q8Zk2LwTn4Vx7Rb1",
      GRANDSTAND_TOKEN_SECRET: "k3Vq9zLw7Tn4Vx7Rb1q8Zk2LwTn4Vx7R",
    });
    expect(node.metricsUrl).toBeNull();
    expect(await statusOf(`${node.url}/metrics`)).toBe(404);
    await node.close();
  });
});
