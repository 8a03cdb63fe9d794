import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openEventStream } from "../../../test/support/drivers/sse-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";

let node: TestNode;
let server: Client;
let board: string;

beforeAll(async () => {
  node = await startTestNode();
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(() => node.close());

beforeEach(async () => {
  board = freshId("board");
  await server.call("leaderboard.configure", { board });
});

it("T5: the first event is `subscribed`, and event ids are `<epoch>:<offset>`", async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  expect(stream.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(stream.response.headers.get("cache-control")).toBe("no-store");
  await eventually(() => expect(stream.events).toHaveLength(1));
  const [subscribed] = stream.events;
  const { position } = subscribed!.data as { position: { epoch: string; offset: number } };
  expect(subscribed).toMatchObject({ event: "subscribed", id: `${position.epoch}:0` });
  await server.call("leaderboard.submit", { board, member: "a\u2028b", score: 1 });
  await eventually(() =>
    expect(stream.events[1]).toMatchObject({
      id: `${position.epoch}:1`,
      event: "leaderboard.updated",
      data: { rows: [{ member: "a\u2028b" }] },
    }),
  );
  await stream.close();
});

it("T5: a board answers any `Last-Event-ID` with its current state", async () => {
  for (const id of [`${"e".repeat(36)}:12`, "not an event id", ":", "a:b"]) {
    const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`, {
      "last-event-id": id,
    });
    await eventually(() =>
      expect(stream.events[0]).toMatchObject({ data: { recovered: false, snapshot: {} } }),
    );
    await stream.close();
  }
});

it("T5: a comment every 15 s keeps the stream open", { timeout: 25_000 }, async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  await vi.waitFor(() => expect(stream.events.map(({ event }) => event)).toEqual(["subscribed", ":"]), {
    timeout: 20_000,
  });
  await stream.close();
});

it("the view comes from the query", async () => {
  const { token } = await newGuest(node.url);
  const stream = await openEventStream(node.url, token, `leaderboard:${board}/events?top=25&me=true`);
  await eventually(() => expect(stream.events[0]).toMatchObject({ data: { snapshot: { me: null } } }));
  await stream.close();
});

it("errors are sent as problem documents", async () => {
  const unknown = await openEventStream(node.url, TEST_API_KEY, "leaderboard:nowhere/events");
  expect(unknown.response.status).toBe(404);
  expect(unknown.response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const wrong = await openEventStream(node.url, "wrong", `leaderboard:${board}/events`);
  expect(wrong.response.status).toBe(401);
  const bad = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events?top=7`);
  expect(await bad.response.json()).toMatchObject({ code: "bad_request", issues: [{ path: "view.top" }] });
});

it("T7: a draining node ends the stream with the event `closing`", async () => {
  const other = await startTestNode();
  const owner = await restDriver.open(other.url, TEST_API_KEY);
  await owner.call("leaderboard.configure", { board: "b" });
  const stream = await openEventStream(other.url, TEST_API_KEY, "leaderboard:b/events");
  await eventually(() => expect(stream.events).toHaveLength(1));
  await other.close();
  await eventually(() =>
    expect(stream.events.at(-1)).toMatchObject({ event: "closing", data: { code: 4009 } }),
  );
});

it("a stream that its client closed is forgotten", async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([1, 1]));
  await stream.close();
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
});
