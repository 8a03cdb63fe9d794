import { limits } from "@grandstand/shared/limits";
import { afterAll, beforeAll, expect, it } from "vitest";
import { domainDependencies } from "../../../test/support/domain-dependencies.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../../test/support/redis-client.js";
import type { Connection } from "../../core/connection.js";
import { Keys } from "../../redis/keys.js";
import { TraceRecorder } from "./trace-recorder.js";
import { Traces } from "./traces.js";

let redis: TestRedis;

beforeAll(async () => {
  redis = await connectTestRedis();
});

afterAll(() => redis.close());

function connection(user: string): Connection {
  return {
    id: user,
    transport: "websocket",
    caller: { kind: "user", user: { id: user } },
  } as unknown as Connection;
}

function node(prefix: string): Traces {
  return new Traces(domainDependencies({ redis, keys: new Keys(prefix) }), freshId("node"));
}

it("OP15: a trace records only its room, and ends on every node when its TTL is over", async () => {
  const prefix = freshPrefix();
  const [one, other] = [node(prefix), node(prefix)];
  const room = freshId("room");
  expect(one.of(`chat:${room}`)).toBeUndefined();
  await one.begin({ room, user: "ada", ttlMs: 1_000 });
  await other.load();
  for (const traces of [one, other]) {
    expect(traces.of(`chat:${room}`)).toBeDefined();
    expect(traces.of("chat:another")).toBeUndefined();
  }
  await eventually(() => {
    for (const traces of [one, other]) expect(traces.of(`chat:${room}`)).toBeUndefined();
  });
  one.close();
  other.close();
});

it("OP15: a trace that is ended on one node also ends on another node, long before its TTL", async () => {
  const prefix = freshPrefix();
  const [one, other] = [node(prefix), node(prefix)];
  const { traceTopic } = new Keys(prefix).trace("");
  await redis.topics.start();
  await redis.topics.listen(traceTopic, other);
  const room = freshId("room");
  const { trace } = await one.begin({ room, user: "ada", ttlMs: 3_600_000 });
  await eventually(() => expect(other.of(`chat:${room}`)).toBeDefined());
  await one.end(trace);
  await eventually(() => expect(other.of(`chat:${room}`)).toBeUndefined());
  redis.topics.ignore(traceTopic);
  one.close();
  other.close();
});

it("OP15: a trace above the limit is refused, and is possible once another trace has ended", async () => {
  const traces = node(freshPrefix());
  const begin = () => traces.begin({ room: freshId("room"), user: "ada", ttlMs: 60_000 });
  const begun: string[] = [];
  for (let at = 0; at < limits.traces; at += 1) begun.push((await begin()).trace);
  await expect(begin()).rejects.toMatchObject({ code: "conflict" });
  await traces.end(begun[0]!);
  await begin();
  traces.close();
});

it("OP15: a trace keeps a bounded number of records in memory, and counts those that it drops", async () => {
  const written: { droppedBefore: number }[] = [];
  const recorder = new TraceRecorder("node", "ada", async (records) => {
    written.push(...records);
  });
  const connection = { id: "c", transport: "websocket", caller: { kind: "user", user: { id: "ada" } } };
  const receive = () => recorder.paused(connection as unknown as Connection);
  for (let at = 0; at < 600; at += 1) receive();
  await recorder.close();
  expect(written).toHaveLength(500);
  receive();
  await recorder.close();
  expect(written.at(-1)!.droppedBefore).toBe(100);
});

it("OP15: an erasure removes the traces of a user, and the records of other traces that name the user", async () => {
  const prefix = freshPrefix();
  const [one, other] = [node(prefix), node(prefix)];
  const room = freshId("room");
  const { trace: ofAda } = await one.begin({ room, user: "ada", ttlMs: 60_000 });
  const { trace: ofBo } = await one.begin({ room, user: "bo", ttlMs: 60_000 });
  const publication = { offset: 1, event: "chat.message", data: { user: "bo" } };
  one.of(`chat:${room}`)!.handed([connection("ada"), connection("cy")], [publication], "push");
  one.of(`chat:${room}`)!.subscribed(connection("bo"), "new", { epoch: "e", offset: 1 });
  const recordsOf = async (trace: string) => (await other.read({ trace, limit: 100 })).records;
  await eventually(async () => expect(await recordsOf(ofBo)).toHaveLength(2));
  // An ended trace keeps its records, so an erasure must cover it too.
  await one.end(ofBo);

  expect(await one.eraseUser("ada")).toEqual({ traces: 1, traceRecords: 1 });
  await expect(recordsOf(ofAda)).rejects.toMatchObject({ code: "not_found" });
  expect((await recordsOf(ofBo)).map(({ kind }) => kind)).toEqual(["subscribed"]);
  await other.load();
  for (const traces of [one, other]) expect(traces.of(`chat:${room}`)).toBeUndefined();
  one.close();
  other.close();
});

it("OP15: a record about an erased user that a node makes soon after the erasure is not stored", async () => {
  const prefix = freshPrefix();
  const [one, other] = [node(prefix), node(prefix)];
  const room = freshId("room");
  const { trace } = await one.begin({ room, user: "bo", ttlMs: 60_000 });
  const publication = { offset: 1, event: "chat.message", data: { user: "bo" } };
  const recorder = one.of(`chat:${room}`)!;
  await other.eraseUser("ada");
  recorder.handed([connection("ada"), connection("cy")], [publication], "push");
  recorder.subscribed(connection("bo"), "new", { epoch: "e", offset: 1 });
  const kinds = async () => (await other.read({ trace, limit: 100 })).records.map(({ kind }) => kind);
  await eventually(async () => expect(await kinds()).toEqual(["subscribed"]));
  expect(await redis.commands.pttl(new Keys(prefix).trace("").erased)).toBeGreaterThan(0);
  one.close();
  other.close();
});
