import type { OutputOf } from "@grandstand/shared/contract";
import type { UserSnapshot } from "@grandstand/shared/events/user";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure, issuesOf } from "../support/acks.js";
import { callDrivers } from "../support/drivers/call-drivers.js";
import type { Client, Driver, Follower, LiveDriver } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

type Subscribed = OutputOf<"channel.subscribe"> & { snapshot: UserSnapshot };

/** Two nodes on one Redis. */
let nodes: [TestNode, TestNode];
let server: Client;
let guest: { id: string; token: string };

beforeAll(async () => {
  const settings = { GRANDSTAND_PRESENCE_GRACE_MS: "100" };
  const node = await startTestNode(settings);
  nodes = [node, await startTestNode({ ...settings, GRANDSTAND_PREFIX: node.prefix })];
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  for (const node of nodes) {
    await becomesIdle(node);
    await node.close();
  }
});

beforeEach(async () => {
  const { user, token } = await newGuest(nodes[0].url);
  guest = { id: user.id, token };
});

const named = (name: string) => ({ name, avatar: null });

function publicationsOf({ pushes }: Follower) {
  return pushes.flatMap((push) => push.publications);
}

describe.each<Driver>(callDrivers)("$name", (driver) => {
  let client: Client;
  let user: Client;

  beforeEach(async () => {
    client = await driver.open(nodes[0].url, TEST_API_KEY);
    user = await driver.open(nodes[0].url, guest.token);
    return () => Promise.all([client.close(), user.close()]);
  });

  it("T1: user.notify and presence.lookup answer as the contract says", async () => {
    const data = { from: "bo", note: "Läuft 🎉" };
    expect(await client.call("user.notify", { user: guest.id, name: "friend.request", data })).toEqual({
      ok: true,
      data: { notice: { id: expect.any(String), name: "friend.request", data, sentAt: expect.any(String) } },
    });
    expect(dataOf(await client.call("user.notify", { user: guest.id, name: "ping" })).notice.data).toBe(null);
    expect(await user.call("presence.lookup", { users: [guest.id] })).toEqual({
      ok: true,
      data: { users: [{ user: guest.id, online: false, rooms: [], lastSeenAt: null }] },
    });
  });

  it("T9: a notice that is repeated with its idempotency key is one notice", async () => {
    const notice = { user: guest.id, name: "ping", data: { at: 1 }, idempotencyKey: freshId("key") };
    const first = await client.call("user.notify", notice);
    expect(await client.call("user.notify", notice)).toEqual(first);
    const other = await client.call("user.notify", { ...notice, data: { at: 2 } });
    expect(other).toMatchObject({ error: { code: "conflict", issues: [{ path: "idempotencyKey" }] } });
    const follower = await sseDriver.follow(nodes[0].url, guest.token, { channel: `user:${guest.id}` });
    expect(dataOf(follower.reply).snapshot.notices).toHaveLength(1);
    await follower.close();
  });

  it("only servers can call user.notify", async () => {
    expect(await user.call("user.notify", { user: guest.id, name: "ping" })).toMatchObject(
      failure("forbidden"),
    );
  });

  it.each([
    ["user.notify", { user: "a", name: "two words" }, "name"],
    ["user.notify", { user: "a", name: "x".repeat(65) }, "name"],
    ["user.notify", { user: "a", name: "x", data: { text: "x".repeat(2_048) } }, "data"],
    ["user.notify", { user: "a\u0000", name: "x" }, "user"],
    ["presence.lookup", { users: [] }, "users"],
    ["presence.lookup", { users: Array.from({ length: 1_001 }, (_, at) => `u${at}`) }, "users"],
    ["presence.lookup", { users: ["a", ""] }, "users.1"],
    ["user.notify", { user: "\u3164", name: "x" }, "user"],
    ["user.notify", { user: "ann\u202e", name: "x" }, "user"],
    ["presence.keep", { room: "r", user: " ", ttlMs: 1_000 }, "user"],
    ["presence.keep", { room: "r", user: "a", ttlMs: 1_000, profile: named("\u200b") }, "profile.name"],
    ["leaderboard.submit", { board: "b", member: "\u200b\u2060", score: 1 }, "member"],
    ["counter.visit", { counter: "c", visitor: "\u00ad" }, "visitor"],
    ["session.create", { user: { id: "a", name: "\u2066b" } }, "user.name"],
    ["chat.setMember", { room: "r", user: "\uffa0" }, "user"],
  ])("%s refuses invalid input: %j", async (operation, input, path) => {
    const refused = await client.call(operation, input);
    expect(refused).toMatchObject(failure("bad_request"));
    expect(issuesOf(refused)).toContainEqual(expect.objectContaining({ path }));
  });
});

describe.each<LiveDriver>([socketIoDriver, webSocketDriver, sseDriver])("$name", (driver) => {
  const open: Follower[] = [];

  async function follow(token: string, user: string, node = nodes[0]) {
    const follower = await driver.follow(node.url, token, { channel: `user:${user}` });
    open.push(follower);
    return follower;
  }

  /** Looks up the guest, in a call with the given token. */
  async function whereabouts(token: string) {
    const asking = await restDriver.open(nodes[1].url, token);
    const { users } = dataOf(await asking.call("presence.lookup", { users: [guest.id] }));
    return users[0] as OutputOf<"presence.lookup">["users"][number];
  }

  const stateOf = ({ reply }: Follower) => dataOf(reply) as Subscribed;

  async function notify(name: string, user = guest.id) {
    return dataOf(await server.call("user.notify", { user, name, data: { to: user } })).notice;
  }

  beforeEach(() => async () => {
    for (const follower of open.splice(0)) await follower.close();
  });

  it("CH2: all devices of a user receive a notice, on any node, and a device that subscribes later finds it in the snapshot", async () => {
    const devices = [await follow(guest.token, guest.id), await follow(guest.token, guest.id, nodes[1])];
    for (const device of devices) {
      expect(stateOf(device)).toMatchObject({ recovered: false, snapshot: { rooms: [], notices: [] } });
    }
    const notices = [await notify("one"), await notify("two")];
    const expected = notices.map((data, at) => ({ offset: at + 1, event: "user.notice", data }));
    for (const device of devices) {
      await eventually(() => expect(publicationsOf(device)).toEqual(expected));
    }
    const later = stateOf(await follow(guest.token, guest.id));
    expect(later).toMatchObject({ position: { offset: 2 }, snapshot: { notices } });
  });

  it("only the user and servers may follow a user's channel", async () => {
    const other = await newGuest(nodes[0].url);
    await follow(guest.token, guest.id);
    expect((await follow(other.token, guest.id)).reply).toMatchObject(failure("forbidden"));
    const [watching, stranger] = [
      await follow(TEST_API_KEY, guest.id),
      await follow(other.token, other.user.id),
    ];
    await notify("secret");
    await notify("mine", other.user.id);
    await eventually(() => expect(publicationsOf(watching)).toMatchObject([{ data: { name: "secret" } }]));
    await eventually(() => expect(publicationsOf(stranger)).toMatchObject([{ data: { name: "mine" } }]));
  });

  it("CH2: a device that subscribes while notices arrive misses none and gets none twice", async () => {
    let isSending = true;
    let sent = 0;
    const sending = (async () => {
      for (; isSending; sent += 1) await notify(`n${sent}`);
    })();
    const devices: Follower[] = [];
    for (let at = 0; at < 8; at += 1) devices.push(await follow(guest.token, guest.id, nodes[at % 2]));
    isSending = false;
    await sending;
    await notify("last");
    for (const device of devices) {
      const offsets = () => publicationsOf(device).map(({ offset }) => offset);
      await eventually(() => expect(offsets().at(-1)).toBe(sent + 1));
      const { offset } = stateOf(device).position;
      expect(offsets()).toEqual(Array.from({ length: sent + 1 - offset }, (_, at) => offset + 1 + at));
    }
  });

  it("PR1: a user with two devices gets one `user.entered` and one `user.left` for each room", async () => {
    const [lobby, den] = [freshId("lobby"), freshId("den")];
    const device = await follow(guest.token, guest.id);
    const received = () =>
      publicationsOf(device).map(({ event, data }) => `${event} ${(data as { room: string }).room}`);
    const [one, two] = [
      await socketIoDriver.open(nodes[0].url, guest.token),
      await webSocketDriver.open(nodes[1].url, guest.token),
    ];
    for (const client of [one, two]) dataOf(await client.call("presence.enter", { room: lobby }));
    dataOf(await two.call("presence.enter", { room: den }));
    // Each node records the rooms of its own connections, so either room may be published first.
    const entered = [lobby, den].map((room) => `user.entered ${room}`).sort();
    await eventually(() => expect(received().sort()).toEqual(entered));
    expect(stateOf(await follow(guest.token, guest.id, nodes[1])).snapshot.rooms).toEqual(
      [den, lobby].sort(),
    );
    expect(await whereabouts(guest.token)).toMatchObject({ online: true, rooms: [den, lobby].sort() });
    expect(await whereabouts((await newGuest(nodes[0].url)).token)).toMatchObject({
      online: true,
      rooms: [],
    });

    await one.call("presence.leave", { room: lobby });
    await two.call("presence.leave", { room: den });
    await eventually(() => expect(received().at(-1)).toBe(`user.left ${den}`));
    const before = Date.now();
    await two.close();
    await eventually(() => expect(received().at(-1)).toBe(`user.left ${lobby}`));
    expect(received()).toHaveLength(4);
    const { online, rooms, lastSeenAt } = await whereabouts(guest.token);
    expect({ online, rooms }).toEqual({ online: false, rooms: [] });
    expect(Date.parse(lastSeenAt!)).toBeGreaterThan(before - 1_000);
    await one.close();
  });

  it.each(["}{", "a:b", "100%", "a/b?c#d", "🧑‍🚀", "e\u0301", "a b", "𝒳".repeat(128), "'\"\\"])(
    "accepts the user id %j",
    async (user) => {
      const [follower, other] = [await follow(TEST_API_KEY, user), await follow(TEST_API_KEY, "a")];
      const offset = stateOf(follower).position.offset + 1;
      const data = await notify("hello", user);
      await eventually(() =>
        expect(publicationsOf(follower)).toEqual([{ offset, event: "user.notice", data }]),
      );
      expect(follower.pushes[0]!.channel).toBe(`user:${user}`);
      expect(publicationsOf(other)).toEqual([]);
    },
  );
});

it("PR8: a kept member is online until a server drops the member", async () => {
  const room = freshId("room");
  const whereabouts = async () => {
    const { users } = dataOf(await server.call("presence.lookup", { users: [guest.id] }));
    return users[0];
  };
  await server.call("presence.keep", { room, user: guest.id, ttlMs: 60_000 });
  await eventually(async () => expect(await whereabouts()).toMatchObject({ online: true, rooms: [room] }));
  await server.call("presence.drop", { room, user: guest.id });
  await eventually(async () =>
    expect(await whereabouts()).toEqual({
      user: guest.id,
      online: false,
      rooms: [],
      lastSeenAt: expect.stringMatching(/Z$/),
    }),
  );
});
