import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Client, LiveUser } from "../../client.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let client: Client;
let live: LiveUser;
let offset: number;

const ada = { id: "ada", name: "Ada", avatar: null, isGuest: false };
const noticeOf = (id: string) => ({ id, name: "invite", data: null, sentAt: "2025-01-01T00:00:00.000Z" });

beforeEach(async () => {
  node = await TestNode.start();
  node.user = ada;
  offset = 5;
  node.reply("channel.subscribe", ({ channel }) => ({
    channel,
    position: { epoch: "e", offset },
    recovered: false,
    snapshot: { rooms: ["lobby"], notices: [noticeOf("n1")] },
  }));
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  client = node.connect();
  live = client.user();
});
afterEach(() => node.stop());

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

function publish(event: string, data: object, channel = "user:ada"): void {
  offset += 1;
  node.push({ channel, epoch: "e", publications: [{ offset, event, data }] });
}

it("a live user shows and follows the rooms and notices of the client's own user", async () => {
  expect(live.get()).toMatchObject({ status: "loading", rooms: [], notices: [] });
  live.subscribe(() => {});
  await eventually(() => expect(live.get()).toMatchObject({ status: "live", rooms: ["lobby"] }));
  expect(node.inputsOf("channel.subscribe")).toMatchObject([{ channel: "user:ada" }]);
  publish("user.entered", { room: "attic" });
  publish("user.left", { room: "lobby" });
  publish("user.notice", noticeOf("n2"));
  publish("user.notice", noticeOf("n2"));
  await eventually(() => expect(live.get().notices.map(({ id }) => id)).toEqual(["n1", "n2"]));
  expect(live.get().rooms).toEqual(["attic"]);
});

it("a live user becomes stale without a connection, then live for the user of the next connection", async () => {
  live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  node.user = { ...ada, id: "bo" };
  node.breakConnections();
  await eventually(() => expect(live.get().status).toBe("stale"));
  await eventually(() =>
    expect(node.inputsOf("channel.subscribe")).toMatchObject([
      { channel: "user:ada" },
      { channel: "user:bo" },
    ]),
  );
  await eventually(() => expect(live.get().status).toBe("live"));
  publish("user.entered", { room: "attic" }, "user:bo");
  await eventually(() => expect(live.get().rooms).toEqual(["attic", "lobby"]));
});

it("a live user unsubscribes and forgets its state after its last listener was removed", async () => {
  const stop = live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  stop();
  await eventually(() =>
    expect(node.inputsOf("channel.unsubscribe")).toMatchObject([{ channel: "user:ada" }]),
  );
  await eventually(() => expect(live.get().status).toBe("loading"));
});

it("for a server, a live user follows the named user, and fails if no user is named", async () => {
  node.user = null;
  const server = node.connect();
  const named = server.user("cy");
  named.subscribe(() => {});
  await eventually(() => expect(named.get().status).toBe("live"));
  expect(node.inputsOf("channel.subscribe")).toMatchObject([{ channel: "user:cy" }]);
  const own = server.user();
  own.subscribe(() => {});
  await eventually(() =>
    expect(own.get()).toMatchObject({ status: "failed", error: { code: "bad_request" } }),
  );
});
