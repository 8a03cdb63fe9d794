import { StrictMode } from "react";
import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BoardView, Client, ConnectionState, LiveCounterState, LiveLeaderboardState } from "./client.js";
import { GrandstandProvider, useClient, useConnection, useCounter, useLeaderboard } from "./react.js";
import { topOf } from "./testing/entries.js";
import { mount } from "./testing/render.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let client: Client;
let root: Root | undefined;
/** The results of `useLeaderboard` and of `useConnection`, one for each render. */
let boards: LiveLeaderboardState[];
let connections: ConnectionState[];

beforeEach(async () => {
  node = await TestNode.start();
  client = node.connect();
  boards = [];
  connections = [];
  node.reply("channel.subscribe", ({ channel, view }) => {
    const { top } = view as { top: number };
    const snapshot = { entries: topOf(top), total: 60, season: "all", seasonEndsAt: null };
    return { channel, position: { epoch: "e1", offset: 1 }, recovered: false, snapshot };
  });
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
});
afterEach(async () => {
  root?.unmount();
  root = undefined;
  await node.stop();
});

function Probe({ board = "arcade", view }: { board?: string; view?: BoardView }) {
  connections.push(useConnection());
  // The options are a new object at each render, as in most pages.
  boards.push(useLeaderboard(board, view && { ...view }));
  return null;
}

function Orphan() {
  useClient();
  return null;
}

function page(view?: BoardView, board?: string) {
  return (
    <StrictMode>
      <GrandstandProvider client={client}>
        <Probe {...(view && { view })} {...(board !== undefined && { board })} />
      </GrandstandProvider>
    </StrictMode>
  );
}

function untilUnsubscribed(channel: string): Promise<void> {
  const last = () => expect(node.inputsOf("channel.unsubscribe").at(-1)).toEqual({ channel });
  return vi.waitFor(last, { timeout: 20_000 });
}

describe("the hooks", () => {
  it("return the live board and the connection, with one subscription under StrictMode", async () => {
    root = await mount(page());
    await vi.waitFor(() => expect(boards.at(-1)).toMatchObject({ status: "live", total: 60 }));
    expect(connections.at(-1)?.status).toBe("live");
    expect(boards[0]?.status).toBe("loading");
    const data = { total: 61, length: 10, rows: [] };
    node.push({
      channel: "leaderboard:arcade",
      epoch: "e1",
      publications: [{ offset: 2, event: "leaderboard.updated", data }],
    });
    await vi.waitFor(() => expect(boards.at(-1)?.total).toBe(61));
    expect(node.inputsOf("channel.subscribe")).toHaveLength(1);
  });

  it("do not subscribe again when a render has an equal view", async () => {
    root = await mount(page({ top: 25 }));
    await vi.waitFor(() => expect(boards.at(-1)?.entries).toHaveLength(25));
    const renders = boards.length;
    root.render(page({ top: 25 }));
    await vi.waitFor(() => expect(boards.length).toBeGreaterThan(renders));
    expect(boards.at(-1)).toBe(boards[renders - 1]);
    expect(node.inputsOf("channel.subscribe")).toHaveLength(1);
  });

  it("follow a change of window by subscribing to the new window, not by polling it", async () => {
    root = await mount(page({ window: "all" }));
    await vi.waitFor(() => expect(boards.at(-1)?.status).toBe("live"));
    root.render(page({ window: "daily" }));
    const views = () => node.inputsOf("channel.subscribe").map(({ view }) => (view as BoardView).window);
    await vi.waitFor(() => expect(views()).toEqual(["all", "daily"]));
    await vi.waitFor(() => expect(boards.at(-1)?.status).toBe("live"));
    expect(node.inputsOf("leaderboard.entries")).toEqual([]);
  });

  it("follow a change of board, and unsubscribe when the page is unmounted", async () => {
    root = await mount(page());
    await vi.waitFor(() => expect(boards.at(-1)?.status).toBe("live"));
    root.render(page(undefined, "marathon"));
    await untilUnsubscribed("leaderboard:arcade");
    root.unmount();
    root = undefined;
    await untilUnsubscribed("leaderboard:marathon");
  });

  it("return a live counter, and follow a change of counter", async () => {
    node.reply("channel.subscribe", ({ channel }) => {
      const value = channel === "counter:likes" ? 7 : 70;
      const snapshot = { value, crossed: [] };
      return { channel, position: { epoch: "e1", offset: 1 }, recovered: false, snapshot };
    });
    const shown: LiveCounterState[] = [];
    const Likes = ({ counter }: { counter: string }) => {
      shown.push(useCounter(counter));
      return null;
    };
    const likes = (counter: string) => (
      <GrandstandProvider client={client}>
        <Likes counter={counter} />
      </GrandstandProvider>
    );
    root = await mount(likes("likes"));
    await vi.waitFor(() => expect(shown.at(-1)).toMatchObject({ status: "live", value: 7 }));
    expect(shown[0]?.status).toBe("loading");
    root.render(likes("claps"));
    await vi.waitFor(() => expect(shown.at(-1)).toMatchObject({ status: "live", value: 70 }));
    await untilUnsubscribed("counter:likes");
  });

  it("return a loading board and a connecting client when they are rendered on a server", () => {
    renderToString(page({ me: true }));
    expect(new Set(boards.map(({ status }) => status))).toEqual(new Set(["loading"]));
    expect(new Set(connections.map(({ status }) => status))).toEqual(new Set(["connecting"]));
    expect(node.inputsOf("channel.subscribe")).toHaveLength(0);
  });

  it("throw an error that names the missing provider", () => {
    expect(() => renderToString(<Orphan />)).toThrow("GrandstandProvider");
  });
});
