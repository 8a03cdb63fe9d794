import type { Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import { directRoom } from "@grandstand/shared/direct-rooms";
import type { PresenceMember, PresenceSnapshot } from "@grandstand/shared/events/presence";
import type { Ack } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure, issuesOf } from "../support/acks.js";
import type { Client, Driver, Follower, LiveDriver } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

let node: TestNode;
let server: Client;
let room: string;

beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_PRESENCE_GRACE_MS: "300" });
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await becomesIdle(node);
  const redis = redisClient();
  // Of the empty rooms only the epochs are left, and they expire.
  await eventually(async () => {
    const left = (await redis.keys(`${node.prefix}:*presence:*`)).filter((key) => !key.includes("idem:"));
    expect(left.filter((key) => !key.endsWith(":meta"))).toEqual([]);
    for (const key of left) expect(await redis.pttl(key)).toBeGreaterThan(0);
    expect(await redis.exists(`${node.prefix}:{presence}:due`)).toBe(0);
  });
  await node.close();
  // The time at which a node last ran tick.lua is left, and it expires.
  expect(await redis.keys(`${node.prefix}:{presence}:*`)).toEqual([`${node.prefix}:{presence}:ticked`]);
  expect(await redis.pttl(`${node.prefix}:{presence}:ticked`)).toBeGreaterThan(0);
  expect(await redis.keys(`${node.prefix}:{node:*`)).toEqual([]);
  redis.disconnect();
});

beforeEach(() => {
  room = freshId("room");
});

/** The publications except for `profile.updated`, which may repeat a profile that a publication has just shown. */
function publicationsOf({ pushes }: Follower): Publication[] {
  return pushes.flatMap((push) => push.publications).filter(({ event }) => event !== "profile.updated");
}

function eventsOf(follower: Follower): string[] {
  return publicationsOf(follower).map(({ event, data }) => `${event} ${(data as { user: string }).user}`);
}

function snapshotOf({ reply }: Follower): PresenceSnapshot {
  return dataOf(reply).snapshot;
}

async function members(): Promise<OutputOf<"presence.get">> {
  return dataOf(await server.call("presence.get", { room }));
}

describe.each<LiveDriver>([socketIoDriver, webSocketDriver, sseDriver])("followed over $name", (live) => {
  describe.each<Driver>([socketIoDriver, webSocketDriver])("entered over $name", (driver) => {
    it("PR1, PR2, PR4: a follower receives each join, update and leave of a user, and nothing about a return within the grace", async () => {
      const { user, token } = await newGuest(node.url, "Ann");
      const follower = await live.follow(node.url, TEST_API_KEY, { channel: `presence:${room}` });
      expect(dataOf(follower.reply)).toEqual({
        channel: `presence:${room}`,
        position: { epoch: expect.any(String), offset: 0 },
        recovered: false,
        snapshot: { mode: "each", count: 0, members: [], nextCursor: null },
      });
      const tabs = await Promise.all([driver.open(node.url, token), driver.open(node.url, token)]);
      const entered = await tabs[0]!.call("presence.enter", { room, state: { at: "door" } });
      const member: PresenceMember = {
        user: user.id,
        state: { at: "door" },
        since: expect.stringMatching(/Z$/),
        profile: { name: "Ann", avatar: null },
      };
      expect(dataOf(entered)).toEqual({ member });
      // Another tab enters without a state, so the state stays unchanged.
      expect(dataOf(await tabs[1]!.call("presence.enter", { room }))).toEqual(dataOf(entered));
      const updated = await tabs[1]!.call("presence.update", { room, state: { at: "bar" } });
      expect(dataOf(updated).member).toEqual({ ...member, state: { at: "bar" } });
      expect(await members()).toEqual({
        count: 1,
        members: [{ ...member, state: { at: "bar" } }],
        nextCursor: null,
        position: { epoch: expect.any(String), offset: 2 },
      });
      await tabs[0]!.close();
      expect(dataOf(await tabs[1]!.call("presence.leave", { room }))).toEqual({ left: true });
      expect(dataOf(await tabs[1]!.call("presence.leave", { room }))).toEqual({ left: false });
      expect(dataOf(await server.call("presence.count", { room }))).toEqual({ count: 0 });
      await tabs[1]!.call("presence.enter", { room, state: null });
      await tabs[1]!.close();
      // A return within the grace publishes nothing.
      const again = await driver.open(node.url, token);
      await again.call("presence.enter", { room });
      await again.close();
      await eventually(() =>
        expect(eventsOf(follower)).toEqual(
          ["joined", "updated", "left", "joined", "left"].map((event) => `presence.${event} ${user.id}`),
        ),
      );
      const offsets = publicationsOf(follower).map(({ offset }) => offset);
      expect(offsets).toEqual([1, 2, 3, 4, 5]);
      await follower.close();
    });
  });

  it("PR8: a kept member leaves when the TTL ends, or by presence.drop", async () => {
    const follower = await live.follow(node.url, TEST_API_KEY, { channel: `presence:${room}` });
    const keep = {
      room,
      user: "bot",
      ttlMs: 1_000,
      state: { hp: 3 },
      profile: { name: "Bot", avatar: null },
    };
    const { member } = dataOf(await server.call("presence.keep", keep));
    expect(member).toMatchObject({ user: "bot", state: { hp: 3 }, profile: { name: "Bot", avatar: null } });
    const kept = await server.call("presence.keep", { room, user: "bot", ttlMs: 1_000 });
    expect(dataOf(kept)).toEqual({ member });
    await eventually(() => expect(eventsOf(follower)).toEqual(["presence.joined bot", "presence.left bot"]));
    await server.call("presence.keep", { room, user: "bot", ttlMs: 60_000 });
    expect(dataOf(await server.call("presence.drop", { room, user: "bot" }))).toEqual({ dropped: true });
    await eventually(() =>
      expect(eventsOf(follower).slice(2)).toEqual(["presence.joined bot", "presence.left bot"]),
    );
    expect(await server.call("presence.drop", { room, user: "bot" })).toMatchObject(failure("not_found"));
    await follower.close();
  });

  it("CH2: a subscriber receives the members, and then the changes", async () => {
    for (const user of ["ann", "bo"]) await server.call("presence.keep", { room, user, ttlMs: 60_000 });
    const follower = await live.follow(node.url, TEST_API_KEY, { channel: `presence:${room}` });
    const snapshot = snapshotOf(follower);
    expect(snapshot).toMatchObject({ count: 2, members: [{ user: "ann" }, { user: "bo" }] });
    await server.call("presence.keep", { room, user: "cy", ttlMs: 60_000 });
    for (const user of ["ann", "bo", "cy"]) await server.call("presence.drop", { room, user });
    await eventually(() =>
      expect(eventsOf(follower)).toEqual([
        "presence.joined cy",
        "presence.left ann",
        "presence.left bo",
        "presence.left cy",
      ]),
    );
    await follower.close();
  });

  it("PR7: a follower whose view excludes members receives the count", async () => {
    const view = { members: false };
    const follower = await live.follow(node.url, TEST_API_KEY, { channel: `presence:${room}`, view });
    expect(snapshotOf(follower)).toEqual({ mode: "count", count: 0, members: [], nextCursor: null });
    await server.call("presence.keep", { room, user: "ann", ttlMs: 60_000 });
    await eventually(() =>
      expect(publicationsOf(follower)).toEqual([{ offset: 1, event: "presence.count", data: { count: 1 } }]),
    );
    await server.call("presence.drop", { room, user: "ann" });
    await follower.close();
  });

  it("the presence of a private room is for users with access to the room, and a ban ends the access", async () => {
    const { user, token } = await newGuest(node.url, "Ann");
    const channel = `presence:${room}`;
    await server.call("chat.configure", { room, visibility: "private" });
    const refused = await live.follow(node.url, token, { channel });
    expect(refused.reply).toMatchObject(failure("forbidden"));
    await server.call("chat.setMember", { room, user: user.id, role: "member" });
    const follower = await live.follow(node.url, token, { channel });
    expect(follower.reply).toMatchObject({ ok: true });
    const tab = await webSocketDriver.open(node.url, token);
    await tab.call("presence.enter", { room });
    // A snapshot that is read directly after the call may lack the join, so the test waits for the join first.
    await eventually(() => expect(eventsOf(follower)).toEqual([`presence.joined ${user.id}`]));
    const other = await live.follow(node.url, TEST_API_KEY, { channel });
    expect(snapshotOf(other).count).toBe(1);
    await server.call("chat.moderate", { room, user: user.id, action: "ban" });
    await eventually(() => {
      expect(publicationsOf(follower).at(-1)?.event).toBe("channel.ended");
      expect(eventsOf(other)).toEqual([`presence.left ${user.id}`]);
    });
    for (const operation of ["presence.enter", "presence.get", "presence.count"]) {
      expect(await tab.call(operation, { room })).toMatchObject(failure("forbidden"));
    }
    // The connection is not in the room any more.
    await eventually(async () =>
      expect(await tab.call("presence.update", { room, state: null })).toMatchObject(failure("conflict")),
    );
    await server.call("chat.moderate", { room, user: user.id, action: "unban" });
    expect(await tab.call("presence.enter", { room })).toMatchObject({ ok: true });
    await server.call("chat.removeMember", { room, user: user.id });
    await eventually(() => expect(eventsOf(other).at(-1)).toBe(`presence.left ${user.id}`));
    for (const each of [tab, refused, follower, other]) await each.close();
  });
});

describe.each<Driver>([socketIoDriver, webSocketDriver])("$name", (driver) => {
  let ann: Client;
  let annId: string;
  const call = (operation: string, input: unknown): Promise<Ack> => ann.call(operation, input);

  beforeEach(async () => {
    const { user, token } = await newGuest(node.url, "Ann");
    annId = user.id;
    ann = await driver.open(node.url, token);
    return () => ann.close();
  });

  it("T1: invalid input gets an error that names the field, a caller without the right is refused, and nothing changes", async () => {
    const refused: [string, object, string][] = [
      ["presence.enter", { room: "a b" }, "room"],
      ["presence.enter", { room: "dm:bo" }, "room"],
      ["presence.enter", { room, state: [] }, "state"],
      ["presence.enter", { room, state: { text: "x".repeat(2_048) } }, "state"],
      ["presence.enter", { room, states: {} }, "states"],
      ["presence.update", { room }, "state"],
      ["presence.get", { room, limit: 501 }, "limit"],
      ["presence.get", { room, cursor: "x" }, "cursor"],
    ];
    for (const [operation, input, path] of refused) {
      const ack = await call(operation, input);
      expect(ack).toMatchObject(failure("bad_request"));
      expect(issuesOf(ack)).toMatchObject([{ path }]);
    }
    const notIn = await call("presence.update", { room, state: null });
    expect(notIn).toMatchObject(failure("conflict"));
    expect(issuesOf(notIn)).toMatchObject([{ path: "room", rule: "entered" }]);
    expect(await call("presence.keep", { room, user: "bo", ttlMs: 1_000 })).toMatchObject(
      failure("forbidden"),
    );
    expect(await call("presence.drop", { room, user: "bo" })).toMatchObject(failure("forbidden"));
    const key = await driver.open(node.url, TEST_API_KEY);
    for (const operation of ["enter", "leave"]) {
      expect(await key.call(`presence.${operation}`, { room })).toMatchObject(failure("forbidden"));
    }
    await key.close();
    expect((await members()).position).toBeNull();
  });

  it("a direct room's presence is for its two users", async () => {
    const own = directRoom(annId, "bo");
    expect(await call("presence.enter", { room: own })).toMatchObject({ ok: true });
    const others = directRoom("bo", "cy");
    for (const operation of ["presence.enter", "presence.get", "presence.count"]) {
      expect(await call(operation, { room: others })).toMatchObject(failure("forbidden"));
    }
    const kept = await server.call("presence.keep", { room: others, user: annId, ttlMs: 1_000 });
    expect(kept).toMatchObject(failure("forbidden"));
  });

  it("a connection is in 128 rooms at most", async () => {
    const enter = (at: number) => call("presence.enter", { room: `${room}-${at}` });
    const acks = await Promise.all(Array.from({ length: limits.roomsPerConnection }, (_, at) => enter(at)));
    for (const ack of acks) expect(ack).toMatchObject({ ok: true });
    const tooMany = await enter(limits.roomsPerConnection);
    expect(tooMany).toMatchObject(failure("bad_request"));
    expect(issuesOf(tooMany)).toMatchObject([{ path: "room", rule: "roomsPerConnection" }]);
    expect(await enter(0)).toMatchObject({ ok: true });
    await call("presence.leave", { room: `${room}-0` });
    expect(await enter(limits.roomsPerConnection)).toMatchObject({ ok: true });
  });

  it("T9: a keep that is repeated with its idempotency key has no second effect", async () => {
    const input = { room, user: "bot", ttlMs: 60_000, idempotencyKey: freshId("key") };
    const key = await driver.open(node.url, TEST_API_KEY);
    const first = await key.call("presence.keep", input);
    await server.call("presence.drop", { room, user: "bot" });
    expect(await key.call("presence.keep", input)).toEqual(first);
    expect((await members()).count).toBe(0);
    expect(await key.call("presence.keep", { ...input, ttlMs: 5_000 })).toMatchObject(failure("conflict"));
    await key.close();
  });

  it("CH3: the pages of presence.get show each member once, in the order of joining", async () => {
    const users = Array.from({ length: 12 }, (_, at) => `u${at}`);
    for (const user of users) await server.call("presence.keep", { room, user, ttlMs: 60_000 });
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = dataOf(await call("presence.get", { room, limit: 5, ...(cursor && { cursor }) }));
      expect(page.count).toBe(12);
      seen.push(...page.members.map(({ user }: PresenceMember) => user));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(users);
    await Promise.all(users.map((user) => server.call("presence.drop", { room, user })));
  });
});
