import type { Publication } from "@grandstand/shared/channels";
import type { UserSnapshot } from "@grandstand/shared/events/user";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { domainDependencies, testIdentity } from "../../../test/support/domain-dependencies.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import type { Connection } from "../../core/connection.js";
import type { Publisher } from "../../live/source.js";
import { Subscription } from "../../live/subscription.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { userSource } from "./feed.js";
import { userModule } from "./module.js";

let fixture: DomainFixture;
let dependencies: DomainDependencies;
let user: string;
let published: (Publication & { epoch: string })[];
/**
 * Subscribers whose `join` may still be running. They hold publications back until their snapshot is read.
 */
const beginning = new Set<Subscription>();
/**
 * Counts the calls of `move`. A call that enters a room begins a presence session: the user's stay in the room. The number
 * of that call identifies the session.
 */
let joinOffset = 0;
const inRooms = new Map<string, number>();

beforeAll(async () => {
  fixture = await domainFixture();
  dependencies = domainDependencies(fixture);
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  user = freshId("user");
  published = [];
  inRooms.clear();
  beginning.clear();
});

const publisher: Publisher = {
  publish: (group, epoch, publications) => {
    for (const subscriber of beginning) subscriber.buffer(group, epoch, publications);
    published.push(...publications.map((each) => ({ ...each, epoch })));
  },
  publishTo: () => {},
  publishEphemeral: () => {},
  connections: () => [],
  end: () => {},
};

/** A feed without a subscription to its topic: it receives only the messages that a test passes to it. */
function open() {
  return userSource(dependencies).open(user, publisher);
}

async function join(feed: ReturnType<typeof open>, { caller }: Call = serverCall) {
  const subscriber = new Subscription({ caller } as Connection, null);
  beginning.add(subscriber);
  const { group, position, snapshot } = await feed.join(subscriber, { view: undefined, since: undefined });
  subscriber.group = group;
  return { position, snapshot: snapshot as UserSnapshot, held: subscriber.release(position) };
}

function notify(name: string) {
  return userModule(dependencies, testIdentity(fixture), {}).operations["user.notify"](
    { user, name },
    serverCall,
  );
}

/** Enters a room, or leaves it if the user is in it. */
async function move(room: string): Promise<void> {
  const there = inRooms.get(room);
  joinOffset += 1;
  if (there === undefined) inRooms.set(room, joinOffset);
  else inRooms.delete(room);
  const change = {
    user,
    room,
    epoch: "e",
    joinOffset: there ?? joinOffset,
    ended: there !== undefined,
    atMs: Date.now(),
  };
  await dependencies.presenceSessions.note([change]);
}

function publishedLines() {
  return published.map(({ offset, event, data }) => {
    const { room, name } = data as { room?: string; name?: string };
    return `${offset} ${event.replace("user.", "")} ${room ?? name}`;
  });
}

it("CH5: a resync publishes missed notices at their offsets, and the difference between the user's rooms before and after the gap", async () => {
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
  expect(publishedLines()).toEqual(["4 notice n4", "6 left a", "7 entered b", "8 notice n8"]);
  // Nothing is published twice, and later publications follow.
  feed.resync();
  await notify("n9");
  feed.resync();
  await eventually(() => expect(publishedLines().at(-1)).toBe("9 notice n9"));
  expect(published).toHaveLength(5);
  expect(new Set(published.map(({ epoch }) => epoch))).toEqual(new Set([position.epoch]));
  feed.close();
});

it("CH5: a room that the user entered and left while messages were lost is not published", async () => {
  const feed = open();
  await join(feed);
  await move("a");
  await move("a");
  feed.resync();
  await notify("n3");
  feed.resync();
  await eventually(() => expect(publishedLines()).toEqual(["3 notice n3"]));
  feed.close();
});

it("CH3: the message after a lost one makes the feed read the state, and a repeated message is ignored", async () => {
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
  await eventually(() => expect(publishedLines()).toEqual(["1 entered a", "2 entered b", "3 notice n3"]));
  const lines = await monitor(fixture.redis.commands, async () => {
    feed.receive(`${epoch} 2 entered b`);
    feed.receive(`${epoch} 4 left b`);
    expect(publishedLines().at(-1)).toBe("4 left b");
  });
  expect(lines.filter((line) => line.includes(user))).toEqual([]);
  feed.close();
});

it("CH2: a message that arrives before the reply to the first read is not lost", async () => {
  await move("a");
  const { epoch } = (await join(open())).position;
  const feed = open();
  const joining = join(feed);
  // Redis carries out the read before this change, but the message arrives before the reply to the read.
  const moving = move("b");
  feed.receive(`${epoch} 2 entered b`);
  expect((await joining).snapshot.rooms).toEqual(["a"]);
  await eventually(() => expect(publishedLines()).toEqual(["2 entered b"]));
  await moving;
  feed.close();
});

it("CH4: all subscribers have to resync after Redis lost publications", async () => {
  await move("a");
  await notify("n2");
  const feed = open();
  const { position } = await join(feed);
  const { meta, rooms, notices } = fixture.keys.user(user);
  await fixture.redis.commands.unlink(meta, rooms, notices);
  feed.resync();
  await eventually(() =>
    expect(published).toEqual([{ ...position, event: "channel.resync", data: { reason: "epoch" } }]),
  );
  inRooms.clear();
  await move("b");
  const after = await join(feed);
  expect(after).toMatchObject({ position: { offset: 1 }, snapshot: { rooms: ["b"], notices: [] } });
  expect(after.position.epoch).not.toBe(position.epoch);
  // Redis returns to an earlier state, as if it had been killed before it saved its last write.
  await notify("n2");
  await notify("n3");
  await join(feed);
  await fixture.redis.commands.hset(meta, "offset", "2");
  await fixture.redis.commands.rpop(notices);
  feed.resync();
  await eventually(() => expect(published.at(-1)).toMatchObject({ offset: 3, data: { reason: "ahead" } }));
  expect((await join(feed)).position).toEqual({ epoch: after.position.epoch, offset: 2 });
  feed.close();
});

it("CH4: a subscriber whose join finds that Redis lost publications gets the new state and no resync", async () => {
  await notify("n1");
  const feed = open();
  await join(feed);
  const { meta, notices } = fixture.keys.user(user);
  await fixture.redis.commands.unlink(meta, notices);
  await move("a");
  const { snapshot, held } = await join(feed);
  expect(published).toMatchObject([{ event: "channel.resync" }]);
  expect(snapshot).toEqual({ rooms: ["a"], notices: [] });
  expect(held).toEqual([]);
  feed.close();
});

it("CH5: after an interruption a user's channel is read once, and only the missed notices are published", async () => {
  const feed = open();
  for (let at = 0; at < 20; at += 1) await notify(`n${at}`);
  await join(feed);
  await notify("new");
  const lines = await monitor(fixture.redis.commands, async () => {
    feed.resync();
    await eventually(() => expect(publishedLines()).toEqual(["21 notice new"]));
  });
  expect(lines.filter((line) => line.includes(user) && /"evalsha"/i.test(line))).toHaveLength(1);
  feed.close();
});

it("only the user and servers may subscribe to a user's channel", async () => {
  const feed = open();
  await join(feed, userCall(user));
  await join(feed, serverCall);
  await expect(join(feed, userCall(freshId("user")))).rejects.toMatchObject({ code: "forbidden" });
  feed.close();
});
