import type { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, expect, expectTypeOf, it, vi } from "vitest";
import type { ChannelHandlers, ChatMessage, Client, PublicationOf } from "../../client.js";
import { ChatNode } from "../../testing/chat-node.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let server: ChatNode;
let client: Client;
let events: string[];

beforeEach(async () => {
  node = await TestNode.start();
  server = new ChatNode(node);
  client = node.connect();
  events = [];
});
afterEach(() => node.stop());

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

const recording = (name = ""): ChannelHandlers<"chat"> => ({
  onSnapshot: ({ messages }, _position, lost) =>
    events.push(`${name}snapshot ${messages.map(({ text }) => text)}${lost ? ` ${lost}` : ""}`),
  onPublication: ({ event, data }) =>
    events.push(`${name}${event} ${event === "chat.message" ? data.text : ""}`.trim()),
  onStatus: (status, error) => events.push(`${name}${status}${error ? ` ${error.code}` : ""}`),
});

it("gives the snapshot first, then each publication once, also after a lost connection", async () => {
  server.say("one");
  const stop = client.channel("chat:lobby").subscribe({ view: { messages: 10 }, ...recording() });
  await eventually(() => expect(events).toEqual(["snapshot one", "live"]));
  expect(node.inputsOf("channel.subscribe")).toMatchObject([{ view: { messages: 10 } }]);
  server.say("two");
  await eventually(() => expect(events.at(-1)).toBe("chat.message two"));
  node.breakConnections();
  await eventually(() => expect(events.at(-1)).toBe("stale"));
  server.say("three");
  await eventually(() => expect(events.slice(-2)).toEqual(["chat.message three", "live"]));
  stop();
  await eventually(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1));
  server.say("four");
  expect(events.at(-1)).toBe("live");
});

it("recovers from its last position when a publication is missing", async () => {
  client.channel("chat:lobby").subscribe(recording());
  await eventually(() => expect(events.at(-1)).toBe("live"));
  const missing = { ...server.say("one"), id: "one-2", offset: 2, text: "two" };
  server.log.push({ offset: 2, event: "chat.message", data: missing });
  server.say("three");
  await eventually(() => expect(events).toContain("chat.message three"));
  expect(events.filter((event) => event.startsWith("chat."))).toEqual([
    "chat.message one",
    "chat.message two",
    "chat.message three",
  ]);
});

it("a later subscriber of a channel begins with a snapshot, and both subscribers get later publications", async () => {
  server.say("one");
  const channel = client.channel("chat:lobby");
  channel.subscribe(recording("a "));
  await eventually(() => expect(events).toContain("a live"));
  channel.subscribe(recording("b "));
  await eventually(() => expect(events).toContain("b snapshot one"));
  server.say("two");
  await eventually(() =>
    expect(events).toEqual(expect.arrayContaining(["a chat.message two", "b chat.message two"])),
  );
});

it("refuses another view of the same channel, and an invalid name of a channel", async () => {
  const channel = client.channel("chat:lobby");
  channel.subscribe({ view: { messages: 10 } });
  channel.subscribe({ ...recording(), view: { messages: 20 } });
  await eventually(() => expect(events).toEqual(["failed conflict"]));
  expect(() => client.channel("game:lobby" as "chat:lobby")).toThrow("channel: game:lobby");
  expect(() => client.channel("chat:")).toThrow("channel: chat:");
});

it("fails with `conflict` while a live view follows the same channel, and vice versa", async () => {
  const room = client.chat("lobby").live();
  const stop = room.subscribe(() => {});
  await eventually(() => expect(room.get().status).toBe("live"));
  const leave = client.channel("chat:lobby").subscribe(recording());
  await eventually(() => expect(events).toEqual(["failed conflict"]));
  stop();
  await eventually(() => expect(events.at(-1)).toBe("live"));
  room.subscribe(() => {});
  await eventually(() => expect(room.get()).toMatchObject({ status: "failed", error: { code: "conflict" } }));
  leave();
  await eventually(() => expect(room.get().status).toBe("live"));
});

it("reports that the server ended the subscription, and that the client was closed", async () => {
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  client.channel("chat:lobby").subscribe(recording());
  await eventually(() => expect(events.at(-1)).toBe("live"));
  server.push([{ offset: 0, event: "channel.ended", data: { code: "forbidden", message: "No" } }]);
  await eventually(() => expect(events.at(-1)).toBe("failed forbidden"));
  client.close();
  expect(events.at(-1)).toBe("failed unavailable");
});

it("types snapshots and publications by the kind of the channel", () => {
  expectTypeOf<
    Extract<PublicationOf<"chat">, { event: "chat.message" }>["data"]
  >().toEqualTypeOf<ChatMessage>();
  client.channel("counter:likes").subscribe({
    onSnapshot: (snapshot) => expectTypeOf(snapshot.value).toBeNumber(),
    onPublication: (publication) => {
      if (publication.event === "counter.updated") expectTypeOf(publication.data.value).toBeNumber();
    },
    onStatus: (_status, error) => expectTypeOf(error).toEqualTypeOf<GrandstandError | null>(),
  });
  // @ts-expect-error a counter has no messages
  client.channel("counter:claps").subscribe({ view: { messages: 10 } });
});
