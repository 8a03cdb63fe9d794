import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, LiveCounter, LiveCounterState } from "../../client.js";
import { TestNode } from "../../testing/test-node.js";

const channel = "counter:likes";

let node: TestNode;
let client: Client;
/** The value of the counter on the server. */
let value: number;
let offset: number;

beforeEach(async () => {
  node = await TestNode.start();
  client = node.connect();
  value = 7;
  offset = 3;
  node.reply("channel.subscribe", () => ({
    channel,
    position: { epoch: "e1", offset },
    recovered: false,
    snapshot: { value, crossed: [] },
  }));
  node.reply("channel.unsubscribe", () => ({ channel }));
});
afterEach(() => node.stop());

function publish(event: string, data: object): void {
  offset += 1;
  node.push({ channel, epoch: "e1", publications: [{ offset, event, data }] });
}

/** Listens to the live counter, and records each state. */
function listen(live: LiveCounter) {
  const states: LiveCounterState[] = [];
  const stop = live.subscribe(() => states.push(live.get()));
  return { states, stop };
}

describe("a live counter", () => {
  it("is loading before its first listener, then shows and follows the value", async () => {
    const live = client.counter("likes").live();
    expect(live.get()).toEqual({ status: "loading", value: 0, crossing: null, error: null });
    const { states } = listen(live);
    await vi.waitFor(() => expect(live.get()).toMatchObject({ status: "live", value: 7 }));
    // The input has no `view`: a counter has no parts to choose from.
    expect(node.inputsOf("channel.subscribe")).toEqual([{ channel }]);
    publish("counter.updated", { value: 9 });
    await vi.waitFor(() => expect(live.get().value).toBe(9));
    publish("counter.threshold", { threshold: 10, value: 12 });
    await vi.waitFor(() => expect(live.get().crossing).toEqual({ threshold: 10, value: 12 }));
    publish("counter.of-a-newer-server", {});
    publish("counter.updated", { value: 12 });
    await vi.waitFor(() => expect(live.get().value).toBe(12));
    expect(states.map((state) => state.value)).toEqual([7, 9, 9, 12]);
  });

  it("shares one subscription among all listeners, until shortly after the last one was removed", async () => {
    const one = listen(client.counter("likes").live());
    const other = listen(client.counter("likes").live());
    await vi.waitFor(() => expect(other.states.at(-1)?.status).toBe("live"));
    one.stop();
    publish("counter.updated", { value: 8 });
    await vi.waitFor(() => expect(other.states.at(-1)?.value).toBe(8));
    expect(one.states.at(-1)?.value).toBe(7);
    other.stop();
    other.stop();
    await vi.waitFor(() => expect(node.inputsOf("channel.unsubscribe")).toEqual([{ channel }]), 5_000);
    expect(node.inputsOf("channel.subscribe")).toHaveLength(1);
    expect(client.counter("likes").live().get().status).toBe("loading");
  });

  it("is stale without a connection, and then reads the value again", async () => {
    const live = client.counter("likes").live();
    const { states } = listen(live);
    await vi.waitFor(() => expect(live.get().status).toBe("live"));
    value = 40;
    node.breakConnections();
    await vi.waitFor(() => expect(live.get()).toMatchObject({ status: "live", value: 40 }), 5_000);
    expect(states.map(({ status }) => status)).toEqual(["live", "stale", "live"]);
  });

  it("does not notify listeners that were removed, also when the client is closed", async () => {
    const live = client.counter("likes").live();
    const early = listen(live);
    const late = listen(live);
    await vi.waitFor(() => expect(live.get().status).toBe("live"));
    early.stop();
    client.close();
    expect(early.states.map(({ status }) => status)).toEqual(["live"]);
    expect(late.states.map(({ status }) => status)).toEqual(["live", "failed"]);
  });

  it("reports the server's refusal as its error, and stays failed when the client is closed", async () => {
    node.reply("channel.subscribe", () => {
      throw new GrandstandError("forbidden", "not for you");
    });
    const live = client.counter("likes").live();
    listen(live);
    await vi.waitFor(() =>
      expect(live.get()).toMatchObject({ status: "failed", error: { code: "forbidden" } }),
    );
    client.close();
    expect(live.get().status).toBe("failed");
  });
});
