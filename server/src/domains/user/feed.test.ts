import type { Publication } from "@grandstand/shared/channels";
import type { UserSnapshot } from "@grandstand/shared/events/user";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  type DomainFixture,
  domainFixture,
  serverCall,
  silentLog,
  userCall,
} from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { Identity } from "../../auth/identity.js";
import type { Call } from "../../core/call.js";
import type { Connection } from "../../core/connection.js";
import type { Publisher } from "../../live/source.js";
import { Subscription } from "../../live/subscription.js";
import { userSource } from "./feed.js";
import { userHandlers } from "./handlers.js";
import { PresenceSessions } from "./presence-sessions.js";
import type { UserGround } from "./records.js";

let ground: DomainFixture;
let users: UserGround;
let stays: PresenceSessions;
let user: string;
let published: (Publication & { epoch: string })[];
/** Who was taken in and has no reply yet. */
const beginning = new Set<Subscription>();
/** Of the stays of this user's, over all rooms. */
let stay = 0;
const inRooms = new Map<string, number>();

beforeAll(async () => {
  ground = await domainFixture();
  const { redis, keys } = ground;
  users = { redis: redis.commands, keys, publishCommand: redis.publishCommand };
  stays = new PresenceSessions(users);
});

afterAll(() => ground.redis.close());

beforeEach(() => {
  user = freshId("user");
  published = [];
  inRooms.clear();
  beginning.clear();
});

const publisher: Publisher = {
  publish: (group, epoch, publications) => {
    for (const subscriber of beginning) subscriber.hold(group, epoch, publications);
    published.push(...publications.map((each) => ({ ...each, epoch })));
  },
  publishTo: () => {},
  publishEphemeral: () => {},
  connections: () => [],
  end: () => {},
};

/** A feed that no topic reaches: what it is to hear, it is given. */
function open() {
  return userSource(users, silentLog).open(user, publisher);
}

async function join(feed: ReturnType<typeof open>, { caller }: Call = serverCall) {
  const subscriber = new Subscription({ caller } as Connection, null);
  beginning.add(subscriber);
  const { group, position, snapshot } = await feed.join(subscriber, { view: undefined, since: undefined });
  subscriber.group = group;
  return { position, snapshot: snapshot as UserSnapshot, held: subscriber.release(position) };
}

function notify(name: string) {
  return userHandlers(users, {} as Identity)["user.notify"]({ user, name }, serverCall);
}

/** Enters a room, or leaves it. */
async function move(room: string): Promise<void> {
  const there = inRooms.get(room);
  stay += 1;
  if (there === undefined) inRooms.set(room, stay);
  else inRooms.delete(room);
  const change = {
    user,
    room,
    epoch: "e",
    joinOffset: there ?? stay,
    ended: there !== undefined,
    atMs: Date.now(),
  };
  await stays.note([change]);
}

function told() {
  return published.map(({ offset, event, data }) => {
    const { room, name } = data as { room?: string; name?: string };
    return `${offset} ${event.replace("user.", "")} ${room ?? name}`;
  });
}

it("CH5: what was missed is told at once: notices at their places, rooms as they are now", async () => {
  await move("a");
  await notify("n2");
  const feed = open();
  const { snapshot, position } = await join(feed);
  expect(snapshot).toMatchObject({ rooms: ["a"], notices: [{ name: "n2" }] });
  expect(position.offset).toBe(2);
  await move("b");
  await notify("n4");
  await move("c");
  await move("a");
  await move("c");
  await notify("n8");
  feed.resync();
  await eventually(() => expect(published).not.toEqual([]));
  expect(told()).toEqual(["4 notice n4", "6 left a", "7 entered b", "8 notice n8"]);
  // Nothing is told a second time, and what comes next goes on from there.
  feed.resync();
  await notify("n9");
  feed.resync();
  await eventually(() => expect(told().at(-1)).toBe("9 notice n9"));
  expect(published).toHaveLength(5);
  expect(new Set(published.map(({ epoch }) => epoch))).toEqual(new Set([position.epoch]));
  feed.close();
});

it("CH5: rooms that were entered and left meanwhile are no news", async () => {
  const feed = open();
  await join(feed);
  await move("a");
  await move("a");
  feed.resync();
  await notify("n3");
  feed.resync();
  await eventually(() => expect(told()).toEqual(["3 notice n3"]));
  feed.close();
});

it("CH3: a message that was lost is noticed at the next one, and one that comes twice is told once", async () => {
  const feed = open();
  const { position } = await join(feed);
  expect(position).toEqual({ epoch: "none", offset: 0 });
  await move("a");
  await move("b");
  await notify("n3");
  const { epoch } = (await join(open())).position;
  feed.receive(`${epoch} 1 entered a`);
  feed.receive(`${epoch} 1 entered a`);
  feed.receive(`${epoch} 3 notice ["3","id","n3","","0"]`);
  await eventually(() => expect(told()).toEqual(["1 entered a", "2 entered b", "3 notice n3"]));
  const lines = await monitor(ground.redis.commands, async () => {
    feed.receive(`${epoch} 2 entered b`);
    feed.receive(`${epoch} 4 left b`);
    expect(told().at(-1)).toBe("4 left b");
  });
  expect(lines.filter((line) => line.includes(user))).toEqual([]);
  feed.close();
});

it("CH2: what the topic tells before the first read is answered is not lost", async () => {
  await move("a");
  const { epoch } = (await join(open())).position;
  const feed = open();
  const joining = join(feed);
  // Redis reads the state before this, but its answer comes later.
  const moving = move("b");
  feed.receive(`${epoch} 2 entered b`);
  expect((await joining).snapshot.rooms).toEqual(["a"]);
  await eventually(() => expect(told()).toEqual(["2 entered b"]));
  await moving;
  feed.close();
});

it("CH4: when Redis lost what was told of, everyone begins anew", async () => {
  await move("a");
  await notify("n2");
  const feed = open();
  const { position } = await join(feed);
  const { meta, rooms, notices } = ground.keys.user(user);
  await ground.redis.commands.unlink(meta, rooms, notices);
  feed.resync();
  await eventually(() =>
    expect(published).toEqual([{ ...position, event: "channel.resync", data: { reason: "epoch" } }]),
  );
  inRooms.clear();
  await move("b");
  const after = await join(feed);
  expect(after).toMatchObject({ position: { offset: 1 }, snapshot: { rooms: ["b"], notices: [] } });
  expect(after.position.epoch).not.toBe(position.epoch);
  // As a Redis that was killed before it had written the last of them.
  await notify("n2");
  await notify("n3");
  await join(feed);
  await ground.redis.commands.hset(meta, "offset", "2");
  await ground.redis.commands.rpop(notices);
  feed.resync();
  await eventually(() => expect(published.at(-1)).toMatchObject({ offset: 3, data: { reason: "ahead" } }));
  expect((await join(feed)).position).toEqual({ epoch: after.position.epoch, offset: 2 });
  feed.close();
});

it("CH4: who is taken in when that is found out begins with what is there, and not with the loss", async () => {
  await notify("n1");
  const feed = open();
  await join(feed);
  const { meta, notices } = ground.keys.user(user);
  await ground.redis.commands.unlink(meta, notices);
  await move("a");
  const { snapshot, held } = await join(feed);
  expect(published).toMatchObject([{ event: "channel.resync" }]);
  expect(snapshot).toEqual({ rooms: ["a"], notices: [] });
  expect(held).toEqual([]);
  feed.close();
});

it("CH5: after a drop a user's channel is read once, and only what is new of it", async () => {
  const feed = open();
  for (let at = 0; at < 20; at += 1) await notify(`n${at}`);
  await join(feed);
  await notify("new");
  const lines = await monitor(ground.redis.commands, async () => {
    feed.resync();
    await eventually(() => expect(told()).toEqual(["21 notice new"]));
  });
  expect(lines.filter((line) => line.includes(user) && /"evalsha"/i.test(line))).toHaveLength(1);
  feed.close();
});

it("only the user itself and servers may follow", async () => {
  const feed = open();
  await join(feed, userCall(user));
  await join(feed, serverCall);
  await expect(join(feed, userCall(freshId("user")))).rejects.toMatchObject({ code: "forbidden" });
  feed.close();
});
