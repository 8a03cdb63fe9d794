import { StrictMode } from "react";
import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Client } from "./client.js";
import { GrandstandProvider, type PresenceOptions, type RoomPresence, usePresence } from "./react.js";
import { PresenceNode } from "./testing/presence-node.js";
import { mount } from "./testing/render.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let server: PresenceNode;
let client: Client;
let root: Root | undefined;
/** The result of the hook at each render. */
let shown: RoomPresence[];

beforeEach(async () => {
  node = await TestNode.start();
  server = new PresenceNode(node);
  client = node.connect();
  shown = [];
});

afterEach(async () => {
  root?.unmount();
  root = undefined;
  await node.stop();
});

function Probe({ options }: { options: PresenceOptions | undefined }) {
  shown.push(usePresence("lobby", options));
  return null;
}

const page = (options?: PresenceOptions) => (
  <StrictMode>
    <GrandstandProvider client={client}>
      <Probe options={options} />
    </GrandstandProvider>
  </StrictMode>
);

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const statesOf = (operation: string) => node.inputsOf(operation).map(({ state }) => state);

it("usePresence enters once under StrictMode, returns the members, and leaves when it is unmounted", async () => {
  server.join("ann");
  root = await mount(page({ state: { doing: "watching" } }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ status: "live", isIn: true, count: 2 }));
  expect(shown[0]).toMatchObject({ status: "loading", isIn: false });
  expect(shown.at(-1)!.members.map(({ user }) => user)).toEqual(["ann", "me"]);
  expect(statesOf("presence.enter")).toEqual([{ doing: "watching" }]);
  expect(statesOf("presence.update")).toEqual([]);
  root.unmount();
  root = undefined;
  await eventually(() => expect(server.members.has("me")).toBe(false));
  expect(node.inputsOf("presence.leave")).toHaveLength(1);
  await eventually(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1));
});

it("usePresence sends a state that its option or setState has changed, and sends no unchanged state", async () => {
  root = await mount(page({ state: { doing: "watching" } }));
  await eventually(() => expect(shown.at(-1)?.isIn).toBe(true));
  root.render(page({ state: { doing: "watching" } }));
  root.render(page({ state: { doing: "singing" } }));
  await eventually(() => expect(shown.at(-1)?.members[0]?.state).toEqual({ doing: "singing" }));
  const { setState } = shown.at(-1)!;
  setState({ doing: "waving" });
  expect(shown.at(-1)!.setState).toBe(setState);
  await eventually(() => expect(shown.at(-1)?.members[0]?.state).toEqual({ doing: "waving" }));
  root.render(page({ state: null }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ state: null, members: [{ state: null }] }));
  expect(statesOf("presence.update")).toEqual([{ doing: "singing" }, { doing: "waving" }, null]);
  expect(statesOf("presence.enter")).toHaveLength(1);
});

it("usePresence with enter: false and members: false only follows the count, and enters once its options change", async () => {
  server.join("ann");
  root = await mount(page({ enter: false, members: false }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ status: "live", count: 1, members: [] }));
  shown.at(-1)!.setState({ doing: "waving" });
  expect(node.inputsOf("presence.enter")).toEqual([]);
  root.render(page({ state: { doing: "watching" } }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ isIn: true, count: 2, isComplete: true }));
  expect(statesOf("presence.enter")).toEqual([{ doing: "watching" }]);
  expect(node.inputsOf("presence.update")).toEqual([]);
});

it("usePresence reports a ban, and enters with a new state after the ban has ended", async () => {
  root = await mount(page({ state: { doing: "watching" } }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ status: "live", isIn: true }));
  const { setState } = shown.at(-1)!;
  server.ban();
  await eventually(() =>
    expect(shown.at(-1)).toMatchObject({ isIn: false, status: "failed", error: { code: "forbidden" } }),
  );
  await eventually(() => expect(node.inputsOf("presence.enter")).toHaveLength(2));
  setState({ doing: "knocking" });
  await eventually(() => expect(node.inputsOf("presence.enter")).toHaveLength(3));
  expect(shown.at(-1)).toMatchObject({ isIn: false, error: { code: "forbidden" } });
  server.isBanned = false;
  setState({ doing: "singing" });
  await eventually(() =>
    expect(shown.at(-1)).toMatchObject({
      status: "live",
      isIn: true,
      error: null,
      members: [{ user: "me", state: { doing: "singing" } }],
    }),
  );
});

it("usePresence is loading when it is rendered on a server, and does not enter the room", () => {
  renderToString(page({ state: { doing: "watching" } }));
  expect(shown.at(-1)).toMatchObject({ status: "loading", isIn: false });
  expect(node.requests).toEqual([]);
});
