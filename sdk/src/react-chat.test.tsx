import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Client } from "./client.js";
import { type ChatRoom, GrandstandProvider, useChat } from "./react.js";
import { ChatNode } from "./testing/chat-node.js";
import { mount } from "./testing/render.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let server: ChatNode;
let client: Client;
let root: Root | undefined;
/** The result of the hook at each render. */
let rooms: ChatRoom[];

beforeEach(async () => {
  node = await TestNode.start();
  server = new ChatNode(node);
  client = node.connect();
  rooms = [];
});

afterEach(async () => {
  root?.unmount();
  root = undefined;
  await node.stop();
});

function Probe() {
  rooms.push(useChat("lobby"));
  return null;
}

const page = () => (
  <GrandstandProvider client={client}>
    <Probe />
  </GrandstandProvider>
);

it("useChat returns the room and sends messages, and its `send` keeps its identity", async () => {
  server.say("one");
  root = await mount(page());
  await vi.waitFor(() => expect(rooms.at(-1)?.messages).toHaveLength(1));
  const { send } = rooms.at(-1)!;
  send("two");
  await vi.waitFor(() =>
    expect(rooms.at(-1)?.messages).toMatchObject([{ text: "one" }, { text: "two", state: "sent" }]),
  );
  expect(rooms.at(-1)!.send).toBe(send);
  expect(server.messages).toHaveLength(2);
  expect(rooms[0]).toMatchObject({ status: "loading", messages: [] });
});

it("useChat subscribes while it is mounted, and is loading when it is rendered on a server", async () => {
  expect(renderToString(page())).toBe("");
  expect(rooms.at(-1)?.status).toBe("loading");
  root = await mount(page());
  await vi.waitFor(() => expect(rooms.at(-1)?.status).toBe("live"));
  root.unmount();
  root = undefined;
  await vi.waitFor(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1), { timeout: 20_000 });
});
