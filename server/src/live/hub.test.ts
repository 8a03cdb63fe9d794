import type { Publication, Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { pino } from "pino";
import { afterEach, beforeEach, expect, inject, it, vi } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { freshPrefix } from "../../test/support/names.js";
import type { Caller } from "../core/caller.js";
import type { Broadcaster, Connection } from "../core/connection.js";
import type { Facts } from "../observer/observer.js";
import { connectRedis, type RedisConnections } from "../redis/client.js";
import { Keys } from "../redis/keys.js";
import type { Topics } from "../redis/topics.js";
import { Hub } from "./hub.js";
import type { ChannelLog, ChannelSource, Feed, JoinResult, Publisher } from "./source.js";
import type { Subscription } from "./subscription.js";

/** A feed whose publications, joins and reads of the log a test controls. */
class ControlledFeed implements Feed {
  readonly joined: Subscription[] = [];
  readonly left: Subscription[] = [];
  readonly received: string[] = [];
  isClosed = false;
  position = { epoch: "e", offset: 0 };
  /** The number of joins that began. */
  joins = 0;
  /** A join waits until this promise resolves. */
  gate: Promise<void> = Promise.resolve();
  isBehind = false;
  log?: ChannelLog;
  /** The reads of the log that wait. Calling an entry lets that read finish. */
  readonly reads: (() => void)[] = [];

  constructor(
    readonly publisher: Publisher,
    readonly group = "a",
  ) {}

  /** Keeps the publications of `publishNext` in a log. A read of the log waits until its entry of `reads` is called. */
  keepLog(): void {
    const feed = this;
    this.log = {
      get position() {
        return feed.position;
      },
      readBehind: async ({ offset }) => {
        await new Promise<void>((resolve) => feed.reads.push(resolve));
        const { position } = feed;
        const publications = Array.from({ length: position.offset - offset }, (_, number) =>
          at(offset + number + 1),
        ).flat();
        return { publications, position };
      },
    };
  }

  /** Publishes one publication at the next offset. */
  publishNext(): void {
    const offset = this.position.offset + 1;
    this.position = { epoch: "e", offset };
    this.publisher.publish(`${this.group}:a`, "e", at(offset));
  }

  async join(subscriber: Subscription): Promise<JoinResult> {
    this.joins += 1;
    await this.gate;
    this.joined.push(subscriber);
    subscriber.stateTaken();
    return {
      group: `${this.group}:${subscriber.connection.id.slice(0, 1)}`,
      position: this.position,
      recovered: false,
      isBehind: this.isBehind,
    };
  }

  leave(subscriber: Subscription): void {
    this.left.push(subscriber);
  }

  receive(message: string): void {
    this.received.push(message);
  }

  resync(): void {}

  close(): void {
    this.isClosed = true;
  }
}

/** A connection that records what is sent to it, directly or through its group. */
class RecordingConnection implements Connection {
  readonly transport = "websocket";
  readonly closedBy = "client";
  caller: Caller = { kind: "server", keyName: "test" };
  readonly address = "127.0.0.1";
  readonly pushes: Push[] = [];
  queuedBytes = 0;

  constructor(
    readonly id: string,
    readonly broadcaster: Broadcaster,
  ) {}

  send(push: Push): void {
    this.pushes.push(push);
  }

  onSubscriptionEnded(): void {}
  warn(): void {}
  close(): void {}
  terminate(): void {}

  get offsets(): number[] {
    return this.pushes.flatMap((push) => push.publications.map(({ offset }) => offset));
  }

  offsetsOf(channel: string): number[] {
    return this.pushes
      .filter((push) => push.channel === channel)
      .flatMap((push) => push.publications.map(({ offset }) => offset));
  }
}

class RecordingBroadcaster implements Broadcaster {
  readonly members = new Map<string, Set<Connection>>();

  join(group: string, connection: Connection): void {
    this.members.set(group, (this.members.get(group) ?? new Set()).add(connection));
  }

  leave(group: string, connection: Connection): void {
    this.members.get(group)?.delete(connection);
  }

  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void {
    for (const connection of this.members.get(group) ?? []) {
      if (!except?.has(connection)) connection.send(push);
    }
  }
}

const queueLimits = { queuedBytes: 1_000, closeBytes: 4_000, closeMs: 15_000 };
const CHANNEL = "leaderboard:b";
const OTHER = "leaderboard:other";
const plain = { view: undefined, since: undefined };

let redis: RedisConnections;
let topics: Topics;
let hub: Hub;
let broadcaster: RecordingBroadcaster;
let feeds: ControlledFeed[];
let topic: string;
let source: ChannelSource;

beforeEach(async () => {
  const log = pino({ level: "silent" });
  redis = await connectRedis(inject("redisUrl"), log);
  const keys = new Keys(freshPrefix());
  topic = keys.board("b").topic;
  topics = redis.topics;
  await topics.start();
  feeds = [];
  broadcaster = new RecordingBroadcaster();
  source = {
    topic: (id) => keys.board(id).topic,
    open: (id, publisher) => {
      const feed = new ControlledFeed(publisher, id === "b" ? "a" : id);
      feeds.push(feed);
      return feed;
    },
  };
  hub = new Hub(topics, { leaderboard: source }, 0, queueLimits, 128);
});

afterEach(async () => {
  expect([hub.channelCount, topics.topicCount]).toEqual([0, 0]);
  for (const members of broadcaster.members.values()) expect(members.size).toBe(0);
  topics.stop();
  await redis.close();
});

function at(offset: number): Publication[] {
  return [{ offset, event: "x", data: null }];
}

function connection(id: string): RecordingConnection {
  return new RecordingConnection(id, broadcaster);
}

async function subscribed(one: Connection, channel = CHANNEL): Promise<ControlledFeed> {
  (await hub.subscribe(one, channel, plain)).begin();
  return feeds.at(-1)!;
}

/** Makes a connection a slow consumer. */
function overfill(one: RecordingConnection): void {
  one.queuedBytes = 1_001;
  hub.slowConsumers.note(one);
}

it("CH2: publications between the snapshot and the reply follow the reply in order, each once", async () => {
  const first = connection("a1");
  const feed = await subscribed(first);
  const second = connection("a2");
  let open = () => {};
  feed.gate = new Promise((resolve) => {
    open = resolve;
  });
  feed.position = { epoch: "e", offset: 3 };
  const joining = hub.subscribe(second, CHANNEL, plain);
  for (const offset of [1, 2]) feed.publisher.publish("a:a", "e", at(offset));
  feed.publisher.publish("a:a", "earlier", at(9));
  open();
  const { begin } = await joining;
  // The snapshot already contains this publication.
  feed.publisher.publish("a:a", "e", at(3));
  feed.publisher.publish("a:other", "e", at(4));
  feed.publisher.publish("a:a", "e", at(5));
  expect(second.offsets).toEqual([]);
  begin();
  feed.publisher.publish("a:a", "e", at(6));
  expect(second.offsets).toEqual([5, 6]);
  expect(first.offsets).toEqual([1, 2, 9, 3, 5, 6]);
  for (const one of [first, second]) hub.drop(one);
});

it("CH2: a new epoch between the snapshot and the reply is delivered from its first offset on", async () => {
  const one = connection("a1");
  const { begin } = await hub.subscribe(one, CHANNEL, plain);
  feeds[0]!.publisher.publish("a:a", "later", at(0));
  begin();
  expect(one.pushes).toMatchObject([{ epoch: "later", publications: [{ offset: 0 }] }]);
  hub.drop(one);
});

it("a publication to one subscriber reaches no other subscriber, before and after the reply", async () => {
  const [one, other] = [connection("a1"), connection("a2")];
  const feed = await subscribed(other);
  const { begin } = await hub.subscribe(one, CHANNEL, plain);
  const mine = feed.joined.at(-1)!;
  feed.publisher.publish("a:a", "e", at(1));
  feed.publisher.publishTo(mine, "e", at(1));
  begin();
  feed.publisher.publishTo(mine, "e", at(2));
  expect(one.offsets).toEqual([1, 1, 2]);
  expect(other.offsets).toEqual([1]);
  for (const each of [one, other]) hub.drop(each);
  expect(feed.left).toHaveLength(2);
});

it("a subscription that ends before Redis confirms its topic leaves nothing behind", async () => {
  const one = connection("a1");
  const joining = hub.subscribe(one, CHANNEL, plain);
  hub.drop(one);
  await expect(joining).rejects.toMatchObject({ code: "conflict" });
  expect(feeds[0]!.isClosed).toBe(true);
  expect(feeds[0]!.joined).toEqual([]);
});

it("a subscription that ends while its snapshot is read leaves nothing behind", async () => {
  const [first, one] = [connection("a1"), connection("a2")];
  const feed = await subscribed(first);
  let open = () => {};
  feed.gate = new Promise((resolve) => {
    open = resolve;
  });
  const joining = hub.subscribe(one, CHANNEL, plain);
  await eventually(() => expect(feed.joins).toBe(2));
  hub.drop(one);
  open();
  await expect(joining).rejects.toMatchObject({ code: "conflict" });
  expect(feed.left).toHaveLength(1);
  hub.drop(first);
});

it("`end` ends a subscription whose reply was not sent", async () => {
  const one = connection("a1");
  const { end } = await hub.subscribe(one, CHANNEL, plain);
  end();
  expect(hub.channelCount).toBe(0);
  expect(() => hub.unsubscribe(one, CHANNEL)).toThrow("does not follow");
});

it("a late call of a closed connection leaves nothing behind", async () => {
  const one = connection("a1");
  await subscribed(one);
  hub.drop(one);
  await expect(hub.subscribe(one, CHANNEL, plain)).rejects.toMatchObject({ code: "conflict" });
});

it("CH3: a publication to one subscriber arrives after the batch that waits for the whole group", async () => {
  // A push to the group takes 10 ms of CPU time.
  let cpuUs = 0;
  const cpuUsage = vi.spyOn(process, "cpuUsage").mockImplementation(() => {
    cpuUs += 10_000;
    return { user: cpuUs, system: 0 };
  });
  const batching = new Hub(topics, { leaderboard: source }, 1_000, queueLimits, 128);
  const everyone = Array.from({ length: 1_000 }, (_, number) => connection(`a${number}`));
  for (const one of everyone) (await batching.subscribe(one, CHANNEL, plain)).begin();
  const feed = feeds.at(-1)!;
  for (let offset = 1; offset <= 50; offset += 1) feed.publisher.publish("a:a", "e", at(offset));
  const [first] = everyone as [RecordingConnection];
  expect(first.offsets.length).toBeLessThan(50);
  feed.publisher.publishTo(feed.joined[0]!, "e", at(50));
  expect(first.offsets).toEqual([...Array.from({ length: 50 }, (_, number) => number + 1), 50]);
  for (const one of everyone) batching.drop(one);
  cpuUsage.mockRestore();
});

it("a channel whose last subscriber has left reopens at once for the next subscriber", async () => {
  for (let round = 0; round < 20; round += 1) {
    const one = connection(`a${round}`);
    const feed = await subscribed(one);
    await redis.commands.publishTo(topic, String(round));
    await eventually(() => expect(feed.received).toEqual([String(round)]));
    hub.unsubscribe(one, CHANNEL);
    expect(feed.isClosed).toBe(true);
  }
});

it("CH8: a refused subscription does not count towards the limit of the connection", async () => {
  const one = connection("a1");
  for (let round = 0; round <= limits.channelsPerConnection; round += 1) {
    await expect(hub.subscribe(one, "chat:nowhere", plain)).rejects.toMatchObject({ code: "not_found" });
  }
  await subscribed(one);
  hub.drop(one);
});

it("CH7: on a channel without a log, a slow consumer skips to the latest state and gets channel.resync", async () => {
  const [slow, fast] = [connection("a1"), connection("a2")];
  const feed = await subscribed(slow);
  await subscribed(fast);
  slow.queuedBytes = 1_001;
  hub.slowConsumers.note(slow);
  await eventually(() => expect(broadcaster.members.get("a:a")?.has(slow)).toBe(false));
  feed.publisher.publish("a:a", "e", at(1));
  feed.publisher.publishTo(feed.joined[0]!, "e", at(1));
  expect([slow.offsets, fast.offsets]).toEqual([[], [1]]);
  slow.queuedBytes = 0;
  await eventually(() => expect(slow.pushes).toHaveLength(1));
  expect(slow.pushes[0]!.publications).toMatchObject([
    { event: "channel.resync", data: { reason: "skipped" } },
  ]);
  feed.publisher.publish("a:a", "e", at(2));
  expect(slow.offsets.at(-1)).toBe(2);
  for (const one of [slow, fast]) hub.drop(one);
  expect(hub.slowConsumers.size).toBe(0);
});

it.each([
  { name: "with more to recover than its reply holds", isBehind: true },
  { name: "with a complete reply", isBehind: false },
])(
  "CH7: a subscription that begins $name while another subscription of the client catches up misses nothing",
  async ({ isBehind }) => {
    // Each pass of this loop calls `begin` one microtask later, so the passes meet different moments of the catch-up.
    for (let steps = 0; steps < 12; steps += 1) {
      const slow = connection(`a${steps}`);
      const feed = await subscribed(slow);
      feed.keepLog();
      overfill(slow);
      await eventually(() => expect(broadcaster.members.get("a:a")?.has(slow)).toBe(false));
      feed.publishNext();
      slow.queuedBytes = 0;
      await eventually(() => expect(feed.reads).toHaveLength(1));
      const joining = hub.subscribe(slow, OTHER, plain);
      const other = feeds.at(-1)!;
      other.keepLog();
      other.isBehind = isBehind;
      const { begin } = await joining;
      feed.reads.shift()!();
      for (let step = 0; step < steps; step += 1) await null;
      begin();
      for (let round = 0; round < 2; round += 1) other.publishNext();
      await eventually(() => {
        for (const resume of other.reads.splice(0)) resume();
        expect(slow.offsetsOf(OTHER)).toEqual([1, 2]);
      });
      await eventually(() => expect(hub.slowConsumers.size).toBe(0));
      for (const each of [feed, other]) each.publishNext();
      expect([slow.offsetsOf(CHANNEL), slow.offsetsOf(OTHER)]).toEqual([
        [1, 2],
        [1, 2, 3],
      ]);
      hub.drop(slow);
    }
  },
);

it("CH7: a client that stops reading during its catch-up leaves its groups again and enters no other", async () => {
  const slow = connection("a1");
  const [feed, other] = [await subscribed(slow), await subscribed(slow, OTHER)];
  for (const each of [feed, other]) each.keepLog();
  const isIn = (group: string) => broadcaster.members.get(group)?.has(slow);
  overfill(slow);
  await eventually(() => expect([isIn("a:a"), isIn("other:a")]).toEqual([false, false]));
  other.publishNext();
  slow.queuedBytes = 0;
  await eventually(() => expect([isIn("a:a"), other.reads.length]).toEqual([true, 1]));
  overfill(slow);
  await eventually(() => expect(isIn("a:a")).toBe(false));
  other.reads.shift()!();
  await eventually(() => expect(slow.offsetsOf(OTHER)).toEqual([1]));
  for (const each of [feed, other]) each.publishNext();
  expect(slow.offsets).toEqual([1]);
  slow.queuedBytes = 0;
  await eventually(() => {
    for (const resume of [...feed.reads.splice(0), ...other.reads.splice(0)]) resume();
    expect([slow.offsetsOf(CHANNEL), slow.offsetsOf(OTHER)]).toEqual([[1], [1, 2]]);
  });
  await eventually(() =>
    expect([isIn("a:a"), isIn("other:a"), hub.slowConsumers.size]).toEqual([true, true, 0]),
  );
  hub.drop(slow);
});

it("an ephemeral publication reaches neither excepted connections nor slow consumers, and is sent at once", async () => {
  const [sender, reader, slow] = [connection("a1"), connection("a2"), connection("a3")];
  const feed = await subscribed(sender);
  await subscribed(reader);
  await subscribed(slow);
  slow.queuedBytes = 1_001;
  hub.slowConsumers.note(slow);
  await eventually(() => expect(broadcaster.members.get("a:a")?.has(slow)).toBe(false));
  feed.publisher.publishEphemeral("a:a", "e", at(0)[0]!, (one) => one === sender);
  expect([sender.pushes, reader.offsets, slow.pushes]).toEqual([[], [0], []]);
  for (const one of [sender, reader, slow]) hub.drop(one);
});

it("the count of receivers of an ephemeral publication does not subtract an excepted connection that has already left the group", async () => {
  const receivers: number[] = [];
  hub = new Hub(topics, { leaderboard: source }, 0, queueLimits, 128, {
    note: (fact, detail) => {
      if (fact === "pushSent") receivers.push((detail as Facts["pushSent"]).receivers);
    },
  });
  const [sender, slow, reader] = [connection("a1"), connection("a2"), connection("a3")];
  const feed = await subscribed(sender);
  for (const one of [slow, reader]) await subscribed(one);
  overfill(slow);
  await eventually(() => expect(broadcaster.members.get("a:a")?.has(slow)).toBe(false));
  feed.publisher.publishEphemeral("a:a", "e", at(0)[0]!, (one) => one !== reader);
  expect(receivers).toEqual([1]);
  for (const one of [sender, slow, reader]) hub.drop(one);
});

it("a client whose subscription is ended by the feed receives the reason once, and nothing after it", async () => {
  const [one, other] = [connection("a1"), connection("a2")];
  const feed = await subscribed(one);
  await subscribed(other);
  const ended = new GrandstandError("forbidden", "No");
  feed.publisher.end((each) => each === one, { epoch: "e", offset: 3 }, ended);
  feed.publisher.publish("a:a", "e", at(4));
  expect(one.pushes).toEqual([
    {
      channel: CHANNEL,
      epoch: "e",
      publications: [{ offset: 3, event: "channel.ended", data: { code: "forbidden", message: "No" } }],
    },
  ]);
  expect(other.offsets).toEqual([4]);
  expect(() => hub.unsubscribe(one, CHANNEL)).toThrow("does not follow");
  hub.drop(other);
});

it("CT6: if a subscription ends between the reply and the first push, the end is sent after the reply", async () => {
  const one = connection("a1");
  const { begin } = await hub.subscribe(one, CHANNEL, plain);
  const { publisher } = feeds.at(-1)!;
  publisher.publish("a:a", "e", at(1));
  publisher.end((each) => each === one, { epoch: "e", offset: 1 }, new GrandstandError("forbidden", "No"));
  expect(one.pushes).toEqual([]);
  begin();
  publisher.publish("a:a", "e", at(2));
  expect(one.pushes).toMatchObject([{ publications: [{ event: "channel.ended" }] }]);
});

const reader: Caller = { kind: "server", keyName: "test", scopes: ["leaderboard:read"] };
const outsider: Caller = { kind: "server", keyName: "test", scopes: ["chat:*"] };

it("AU3: a connection that loses rights keeps the allowed subscriptions, and is notified of those that end", async () => {
  const [one, other] = [connection("a1"), connection("a2")];
  for (const each of [one, other]) await subscribed(each);
  await subscribed(one, OTHER);
  one.caller = reader;
  hub.reviewRights(one);
  expect(one.pushes).toEqual([]);
  one.caller = outsider;
  hub.reviewRights(one);
  expect(one.pushes).toMatchObject([
    { channel: CHANNEL, publications: [{ event: "channel.ended", data: { code: "forbidden" } }] },
    { channel: OTHER, publications: [{ event: "channel.ended" }] },
  ]);
  expect(other.pushes).toEqual([]);
  expect(hub.channelCount).toBe(1);
  hub.drop(one);
  hub.drop(other);
});

it("AU3: a subscription does not begin if its connection has lost the right before the reply", async () => {
  const one = connection("a1");
  let resume = () => {};
  const feed = await subscribed(connection("a2"));
  feed.gate = new Promise((resolve) => {
    resume = resolve;
  });
  const joining = hub.subscribe(one, CHANNEL, plain);
  await eventually(() => expect(feed.joins).toBe(2));
  one.caller = outsider;
  hub.reviewRights(one);
  resume();
  await expect(joining).rejects.toMatchObject({ code: "conflict" });
  expect(one.pushes).toEqual([]);
  hub.drop(feed.joined[0]!.connection);
});
