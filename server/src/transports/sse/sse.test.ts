import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { restDriver } from "../../../test/support/drivers/rest-driver.js";
import { openEventStream, openEvents } from "../../../test/support/drivers/sse-driver.js";
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

it("T5: `id:` of a board's stream is `<epoch>:<offset>`, and the first event is `subscribed`", async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  expect(stream.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(stream.response.headers.get("cache-control")).toBe("no-store, no-transform");
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

it("T5: with an unknown or unreadable `Last-Event-ID`, a board's stream begins with a snapshot", async () => {
  for (const id of [`${"e".repeat(36)}:12`, "not an id of ours", ":", "a:b"]) {
    const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`, {
      "last-event-id": id,
    });
    await eventually(() =>
      expect(stream.events[0]).toMatchObject({ data: { recovered: false, snapshot: {} } }),
    );
    await stream.close();
  }
});

it("T5: a stream without publications receives a comment within 20 s, which keeps it open", {
  timeout: 25_000,
}, async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  await vi.waitFor(() => expect(stream.events.map(({ event }) => event)).toEqual(["subscribed", ":"]), {
    timeout: 20_000,
  });
  await stream.close();
});

it("the query sets the view of the subscription", async () => {
  const { token } = await newGuest(node.url);
  const stream = await openEventStream(node.url, token, `leaderboard:${board}/events?top=25&me=true`);
  await eventually(() => expect(stream.events[0]).toMatchObject({ data: { snapshot: { me: null } } }));
  await stream.close();
});

it("a refused stream gets a problem document", async () => {
  const unknown = await openEventStream(node.url, TEST_API_KEY, "leaderboard:nowhere/events");
  expect(unknown.response.status).toBe(404);
  expect(unknown.response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const wrong = await openEventStream(node.url, "wrong", `leaderboard:${board}/events`);
  expect(wrong.response.status).toBe(401);
  const bad = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events?top=0`);
  expect(await bad.response.json()).toMatchObject({ code: "bad_request", issues: [{ path: "view.top" }] });
});

it("T7: draining ends the stream with the event `closing`", async () => {
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

it("a stream that its client closed is removed", async () => {
  const stream = await openEventStream(node.url, TEST_API_KEY, `leaderboard:${board}/events`);
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([1, 1]));
  await stream.close();
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
});

describe("T5: one stream for many channels", () => {
  const query = (...channels: string[]) =>
    `events?${channels.map((channel) => `channel=${encodeURIComponent(channel)}`).join("&")}`;

  it("sends each event with the name of its channel", async () => {
    const counter = freshId("counter");
    const channels = [`leaderboard:${board}`, `counter:${counter}`];
    const stream = await openEvents(node.url, TEST_API_KEY, query(...channels));
    await eventually(() =>
      expect(stream.events).toMatchObject(
        channels.map((channel) => ({ event: "subscribed", data: { channel, data: { channel } } })),
      ),
    );
    await server.call("counter.add", { counter, by: 2 });
    await eventually(() =>
      expect(stream.events.at(-1)).toMatchObject({
        event: "counter.updated",
        data: { channel: `counter:${counter}`, data: { value: 2 } },
      }),
    );
    await server.call("leaderboard.submit", { board, member: "ann", score: 1 });
    await eventually(() =>
      expect(stream.events.at(-1)).toMatchObject({
        event: "leaderboard.updated",
        data: { channel: `leaderboard:${board}`, data: { rows: [{ member: "ann" }] } },
      }),
    );
    await stream.close();
    await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
  });

  it("resumes every channel at its own position with one `Last-Event-ID`", async () => {
    const rooms = [freshId("room"), freshId("room")];
    const path = query(...rooms.map((room) => `chat:${room}`));
    const stream = await openEvents(node.url, TEST_API_KEY, path);
    for (const room of rooms) await server.call("chat.send", { room, text: "before" });
    await eventually(() => expect(stream.events).toHaveLength(4));
    const id = stream.events.at(-1)!.id!;
    await stream.close();
    for (const room of rooms) await server.call("chat.send", { room, text: "missed" });
    const again = await openEvents(node.url, TEST_API_KEY, path, { "last-event-id": id });
    await eventually(() =>
      expect(again.events).toMatchObject(
        rooms.map((room) => ({
          event: "subscribed",
          data: {
            channel: `chat:${room}`,
            data: { recovered: true, publications: [{ data: { text: "missed" } }] },
          },
        })),
      ),
    );
    await again.close();
  });

  it("reports a refused channel and follows the others, and is refused if all its channels are refused", async () => {
    const stream = await openEvents(
      node.url,
      TEST_API_KEY,
      query("leaderboard:nowhere", `leaderboard:${board}`),
    );
    await eventually(() =>
      expect(stream.events).toMatchObject([
        { event: "channel.ended", data: { channel: "leaderboard:nowhere", data: { code: "not_found" } } },
        { event: "subscribed", data: { channel: `leaderboard:${board}` } },
      ]),
    );
    await stream.close();
    const refused = await openEvents(
      node.url,
      TEST_API_KEY,
      query("leaderboard:nowhere", "leaderboard:nowhere2"),
    );
    expect([refused.response.status, (await refused.response.json()).code]).toEqual([404, "not_found"]);
  });

  it.each([
    ["no channel", "events", "channel"],
    ["the same channel twice", query("counter:a", "counter:a"), "channel"],
    ["33 channels", query(...Array.from({ length: 33 }, (_, index) => `counter:c${index}`)), "channel"],
    ["an option of a view", `${query("counter:a")}&top=10`, "top"],
  ])("is refused with %s in the query", async (_what, path, field) => {
    const { response } = await openEvents(node.url, TEST_API_KEY, path);
    expect([response.status, await response.json()]).toMatchObject([400, { issues: [{ path: field }] }]);
  });

  it("follows up to 32 channels", async () => {
    const channels = Array.from({ length: 32 }, (_, index) => `counter:${freshId(`c${index}`)}`);
    const stream = await openEvents(node.url, TEST_API_KEY, query(...channels));
    await eventually(() => expect(stream.events).toHaveLength(32));
    await stream.close();
  });
});
