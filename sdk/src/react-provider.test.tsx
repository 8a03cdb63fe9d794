import { type ReactNode, StrictMode } from "react";
import { flushSync } from "react-dom";
import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, ConnectionState } from "./client.js";
import { GrandstandProvider, useClient, useConnection, useCounter } from "./react.js";
import { mount } from "./testing/render.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let root: Root | undefined;
let clients: Client[];
let connections: ConnectionState[];

beforeEach(async () => {
  node = await TestNode.start();
  node.reply("channel.subscribe", ({ channel }) => ({
    channel,
    position: { epoch: "e1", offset: 1 },
    recovered: false,
    snapshot: { value: 7, crossed: [] },
  }));
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  clients = [];
  connections = [];
});
afterEach(async () => {
  root?.unmount();
  root = undefined;
  await closed();
  await node.stop();
});

function Probe() {
  clients.push(useClient());
  connections.push(useConnection());
  useCounter("likes");
  return null;
}

function page(token: string | (() => Promise<string>), children: ReactNode = <Probe />) {
  return (
    <StrictMode>
      <GrandstandProvider url={node.url} token={token}>
        {children}
      </GrandstandProvider>
    </StrictMode>
  );
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const live = () => eventually(() => expect(connections.at(-1)?.status).toBe("live"));
const closed = () => eventually(() => expect(node.sockets).toHaveLength(0));

describe("a provider with a url and a token", () => {
  it("keeps one connection over two renders under StrictMode, and closes its client when it is unmounted", async () => {
    root = await mount(page("one"));
    await live();
    root.render(page("one"));
    await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(1));
    expect(node.sockets).toHaveLength(1);
    const client = clients.at(-1)!;
    root.unmount();
    root = undefined;
    await closed();
    expect(client.connection.get().status).toBe("closed");
  });

  it("creates a new client for another token, and closes the former client", async () => {
    root = await mount(page("one"));
    await live();
    const first = clients.at(-1)!;
    root.render(page("two"));
    await eventually(() => expect(clients.at(-1)).not.toBe(first));
    await live();
    await eventually(() => expect(first.connection.get().status).toBe("closed"));
    await eventually(() => expect(node.sockets).toHaveLength(1));
  });

  it("keeps its client while an inline token function changes, and calls the latest function", async () => {
    root = await mount(page(async () => "first"));
    await live();
    const client = clients.at(-1)!;
    const second = vi.fn(async () => "second");
    flushSync(() => root?.render(page(second)));
    client.reconnect();
    await eventually(() => expect(second).toHaveBeenCalled());
    await live();
    expect(clients.at(-1)).toBe(client);
  });

  it("does not connect or throw when the page is rendered on a server", () => {
    expect(renderToString(page("one"))).toBe("");
    expect(connections.at(-1)?.status).toBe("connecting");
    expect(node.requests).toEqual([]);
    expect(node.sockets).toHaveLength(0);
  });

  it("does not connect before a component needs the connection", async () => {
    const Idle = () => {
      clients.push(useClient());
      return null;
    };
    root = await mount(page("one", <Idle />));
    await eventually(() => expect(clients.length).toBeGreaterThan(0));
    expect(node.sockets).toHaveLength(0);
    root.render(page("one"));
    await live();
    await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(1));
  });
});
