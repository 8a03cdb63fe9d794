import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { openWebSocket } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { expectWithin } from "../../../test/support/expect-within.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import {
  freshPrefix,
  TEST_API_KEY,
  TEST_HOOKS_SECRET,
  TEST_WEBHOOK_SECRET,
} from "../../../test/support/names.js";
import { type Receiver, startReceiver } from "../../../test/support/receiver.js";
import { type CollectedSpan, traceCollector } from "../../../test/support/trace-collector.js";
import { webhookPace } from "../../config/config.js";

const authorization = `Bearer ${TEST_API_KEY}`;
let lastTrace = 0;

/** A new span of a caller, to be the parent of a call. */
function newParent() {
  lastTrace += 1;
  const traceId = lastTrace.toString(16).padStart(32, "a");
  const spanId = "b7ad6b7169203331";
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

function loadedModules(): string[] {
  return Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("opentelemetry"));
}

it("OP1: without traces, the OpenTelemetry SDK is not loaded", async () => {
  const node = await startTestNode();
  const client = await openWebSocket(node.url, TEST_API_KEY);
  expect(await client.call("chat.send", { room: "r", text: "x" })).toMatchObject({ ok: true });
  await client.close();
  await node.close();
  // prom-client loads the OpenTelemetry API, which does nothing without the SDK.
  expect(loadedModules().filter((path) => !path.includes("@opentelemetry/api/"))).toEqual([]);
});

describe("OP1: with traces", () => {
  let collector: Awaited<ReturnType<typeof traceCollector>>;
  let nodes: TestNode[];
  let receiver: Receiver;
  /** A node without traces, over the same Redis as the nodes with traces. */
  let untracedNode: TestNode;

  beforeAll(async () => {
    collector = await traceCollector();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "20");
    const shared = { GRANDSTAND_PREFIX: freshPrefix() };
    const traced = { ...shared, GRANDSTAND_TRACES: "on" };
    receiver = await startReceiver();
    receiver.answer((_, response) => response.end("{}"));
    const hooked = {
      GRANDSTAND_HOOKS_URL: receiver.url,
      GRANDSTAND_HOOKS_SECRET: TEST_HOOKS_SECRET,
      GRANDSTAND_HOOKS_TIMEOUT_MS: "2000",
    };
    nodes = await Promise.all([startTestNode({ ...traced, ...hooked }), startTestNode(traced)]);
    untracedNode = await startTestNode(shared);
  });

  afterAll(async () => {
    for (const node of [...nodes, untracedNode]) await node.close();
    await receiver.close();
    await collector.close();
    vi.unstubAllEnvs();
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${nodes[0]!.url}/v1${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
  const named = (traceId: string, name: string) => spansOf(traceId).filter((span) => span.name === name);

  it("OP1, OP7: each attempt to deliver a webhook is a span of the call that caused it, and the receiver gets its traceparent", async () => {
    const webhooks = await startReceiver();
    webhooks.answer((_, response) => void response.writeHead(webhooks.requests.length < 2 ? 503 : 410).end());
    const settings = {
      url: new URL(webhooks.url),
      secrets: [TEST_WEBHOOK_SECRET],
      allowedRanges: [],
      pace: { ...webhookPace, retriesMs: [20] },
    };
    const node = await startTestNode({ GRANDSTAND_TRACES: "on" }, undefined, { webhooks: settings });
    const sender = await openWebSocket(node.url, TEST_API_KEY);
    const { traceId, spanId, traceparent } = newParent();
    const data = { room: "r", text: "x" };
    sender.socket.send(JSON.stringify({ id: "t", op: "chat.send", data, traceparent }));
    await eventually(() => expect(named(traceId, "webhook chat.message")).toHaveLength(2));
    const call = await eventually(() => {
      const found = named(traceId, "chat.send").find(({ parentSpanId }) => parentSpanId === spanId);
      expect(found).toBeDefined();
      return found!;
    });
    const attempts = named(traceId, "webhook chat.message");
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([call.spanId, call.spanId]);
    expect(webhooks.requests.map(({ headers }) => headers.traceparent).sort()).toEqual(
      attempts.map((span) => `00-${traceId}-${span.spanId}-01`).sort(),
    );
    await sender.close();
    await node.close();
    await webhooks.close();
  });

  it("a call, its script, the messages that nodes receive and the deliveries are in the trace of the caller", async () => {
    expect(loadedModules().some((path) => path.includes("sdk-trace"))).toBe(true);
    const followers = await Promise.all(
      [...nodes, untracedNode].map(({ url }) => openWebSocket(url, TEST_API_KEY)),
    );
    for (const { call } of followers) await call("channel.subscribe", { channel: "chat:traced" });
    const { traceparent, traceId, spanId } = newParent();
    expect((await post("/chat/traced/messages", { text: "hello" }, { traceparent })).status).toBe(200);
    await eventually(() => expect(followers.map(({ pushes }) => pushes.length)).toEqual([1, 1, 1]));
    // The traceparent in the messages of Redis is not sent to clients.
    for (const { pushes } of followers) expect(JSON.stringify(pushes)).not.toContain(traceId);
    await eventually(() => expect(named(traceId, "deliver")).toHaveLength(2));
    const [call] = named(traceId, "chat.send").filter(({ parentSpanId }) => parentSpanId === spanId);
    expect(call).toMatchObject({ attributes: { "grandstand.transport": "rest", "grandstand.code": "ok" } });
    const script = named(traceId, "chat.send").find(({ parentSpanId }) => parentSpanId === call?.spanId);
    expect(script).toMatchObject({ attributes: { "db.system.name": "redis" } });
    const received = named(traceId, "receive");
    expect(new Set(received.map(({ node }) => node)).size).toBe(2);
    for (const span of received) expect(span.parentSpanId).toBe(call?.spanId);
    const parents = named(traceId, "deliver").map(({ parentSpanId }) => parentSpanId);
    expect(new Set(parents)).toEqual(new Set(received.map((span: CollectedSpan) => span.spanId)));
    for (const follower of followers) await follower.close();
  });

  it("OP9: the request to a hook is a span within the call, and its traceparent is sent to the app", async () => {
    const session = await fetch(`${nodes[0]!.url}/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Guest" }),
    });
    const { token } = (await session.json()) as { token: string };
    const { traceparent, traceId, spanId } = newParent();
    const headers = { traceparent, authorization: `Bearer ${token}` };
    expect((await post("/chat/hooked/messages", { text: "hello" }, headers)).status).toBe(200);
    const ofCall = () => named(traceId, "chat.send").find(({ parentSpanId }) => parentSpanId === spanId);
    await eventually(() => expect(named(traceId, "hook chat.send")).toHaveLength(1));
    await eventually(() => expect(ofCall()).toBeDefined());
    const [hook] = named(traceId, "hook chat.send");
    const call = ofCall();
    expect(hook).toMatchObject({
      parentSpanId: call!.spanId,
      attributes: { "grandstand.hook.source": "http" },
    });
    expect(receiver.requests.at(-1)!.headers.traceparent).toBe(`00-${traceId}-${hook!.spanId}-01`);
  });

  it("WebSocket frames and Socket.IO events may have a traceparent; an invalid traceparent begins a new trace", async () => {
    const [frame, event] = [newParent(), newParent()];
    const socket = await openWebSocket(nodes[0]!.url, TEST_API_KEY);
    socket.socket.send(
      JSON.stringify({ id: "t", op: "counter.add", data: { counter: "t" }, traceparent: frame.traceparent }),
    );
    const socketIo = await openSocketIo(nodes[0]!.url, TEST_API_KEY);
    await socketIo.socket.emitWithAck("counter.add", { counter: "t" }, { traceparent: event.traceparent });
    for (const { traceId, spanId } of [frame, event]) {
      await eventually(() =>
        expect(named(traceId, "counter.add").map((span) => span.parentSpanId)).toContain(spanId),
      );
    }
    const { status } = await post("/counters/u/add", {}, { traceparent: "00-nonsense-01" });
    expect(status).toBe(200);
    await eventually(() =>
      expect(collector.spans.some(({ name, parentSpanId }) => name === "counter.add" && !parentSpanId)).toBe(
        true,
      ),
    );
    await socket.close();
    await socketIo.close();
  });

  it("no span names a user, a room or what a client sent", async () => {
    const { traceparent, traceId } = newParent();
    await post(
      "/chat/secret-name/messages",
      { text: "secret-name", replyTo: "secret-name" },
      { traceparent },
    );
    await eventually(() => expect(spansOf(traceId).length).toBeGreaterThan(0));
    expect(JSON.stringify(collector.spans)).not.toMatch(/secret-name|traced\b|127\.0\.0\.1/);
  });

  it("a trace that its caller does not sample gets no spans", async () => {
    const { traceId, spanId } = newParent();
    await post("/counters/n/add", {}, { traceparent: `00-${traceId}-${spanId}-00` });
    const marker = newParent();
    await post("/counters/n/add", {}, { traceparent: marker.traceparent });
    await eventually(() => expect(spansOf(marker.traceId).length).toBeGreaterThan(0));
    expect(spansOf(traceId)).toEqual([]);
  });
});

it("OP1: a collector that is down delays neither calls nor the stop of a node", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
  const node = await startTestNode({ GRANDSTAND_TRACES: "on" }, inject("redisUrl"));
  const client = await openWebSocket(node.url, TEST_API_KEY);
  const startedAt = performance.now();
  for (let call = 0; call < 50; call += 1) {
    expect(await client.call("counter.add", { counter: "c" })).toMatchObject({ ok: true });
  }
  await client.close();
  await node.close();
  expectWithin(5_000, startedAt);
  vi.unstubAllEnvs();
});
