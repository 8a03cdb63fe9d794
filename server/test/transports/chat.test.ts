import type { Position, Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { ChatMessage, ChatSnapshot } from "@grandstand/shared/events/chat";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import type { Client, Follower, LiveDriver, SubscribeInput } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

type Subscribed = OutputOf<"channel.subscribe">;

let node: TestNode;
let server: Client;
let redis: Redis;
let room: string;

beforeAll(async () => {
  node = await startTestNode();
  server = await restDriver.open(node.url, TEST_API_KEY);
  redis = redisClient();
});

afterAll(async () => {
  await becomesIdle(node);
  redis.disconnect();
  await node.close();
});

beforeEach(() => {
  room = freshId("room");
});

async function send(text: string, client = server): Promise<ChatMessage> {
  const ack = await client.call("chat.send", { room, text });
  if (!ack.ok) throw new Error(`not sent: ${JSON.stringify(ack.error)}`);
  return (ack.data as { message: ChatMessage }).message;
}

function subscribedOf({ reply }: Follower): Subscribed {
  if (!reply.ok) throw new Error(`not subscribed: ${JSON.stringify(reply.error)}`);
  return reply.data as Subscribed;
}

function publicationsOf({ pushes }: Follower): Publication[] {
  return pushes.flatMap((push) => push.publications);
}

function textsOf(publications: Publication[] | undefined): unknown[] {
  return (publications ?? []).map(({ data }) => (data as ChatMessage).text);
}

function snapshotOf(follower: Follower): ChatSnapshot {
  return subscribedOf(follower).snapshot as ChatSnapshot;
}

describe.each<LiveDriver>([socketIoDriver, webSocketDriver, sseDriver])("$name", (driver) => {
  const open: Follower[] = [];

  async function follow(more: Partial<SubscribeInput> = {}, token = TEST_API_KEY): Promise<Follower> {
    const follower = await driver.follow(node.url, token, { channel: `chat:${room}`, ...more });
    open.push(follower);
    return follower;
  }

  beforeEach(() => async () => {
    for (const follower of open.splice(0)) await follower.close();
  });

  it("CH2: the reply to a subscribe call has the room's messages at a position, and later publications follow", async () => {
    const first = await send("one");
    const follower = await follow();
    expect(subscribedOf(follower)).toEqual({
      channel: `chat:${room}`,
      position: { epoch: expect.any(String), offset: 1, id: first.id },
      recovered: false,
      snapshot: { messages: [first], hasMore: false },
    });
    const second = await send("two");
    await server.call("chat.edit", { room, offset: 1, text: "uno" });
    await server.call("chat.delete", { room, offset: 2 });
    const { token, user } = await newGuest(node.url, "Ann");
    const ann = await restDriver.open(node.url, token);
    await ann.call("chat.react", { room, offset: 1, emoji: "👍" });
    await ann.call("chat.unreact", { room, offset: 1, emoji: "👍" });
    await eventually(() => expect(publicationsOf(follower)).toHaveLength(5));
    const id = expect.any(String);
    const time = expect.any(String);
    const reacted = { id, message: 1, emoji: "👍", user: user.id };
    expect(publicationsOf(follower)).toEqual([
      { offset: 2, event: "chat.message", data: second },
      {
        offset: 3,
        event: "chat.edited",
        data: { id, message: 1, text: "uno", metadata: null, editedAt: time },
      },
      { offset: 4, event: "chat.deleted", data: { id, message: 2, user: null, deletedAt: time } },
      { offset: 5, event: "chat.reacted", data: { ...reacted, added: true, count: 1 } },
      { offset: 6, event: "chat.reacted", data: { ...reacted, added: false, count: 0 } },
    ]);
  });

  it("CH2: the view sets how many messages the snapshot contains", async () => {
    for (let at = 1; at <= 5; at += 1) await send(`m${at}`);
    const follower = await follow({ view: { messages: 2 } });
    expect(snapshotOf(follower)).toMatchObject({ messages: [{ text: "m4" }, { text: "m5" }], hasMore: true });
    expect(snapshotOf(await follow({ view: { messages: 0 } }))).toEqual({ messages: [], hasMore: true });
    const { reply } = await follow({ view: { messages: 101 } });
    expect(reply).toMatchObject({
      error: { code: "bad_request", issues: [{ path: "view.messages", message: "must be at most 100" }] },
    });
    const { reply: ofBoards } = await follow({ view: { top: 10 } });
    expect(ofBoards).toMatchObject({ error: { code: "bad_request", issues: [{ path: "view.top" }] } });
  });

  it("CH2, CH3, CT2: no publication is missing or duplicated for clients that subscribe during writes", async () => {
    let isWriting = true;
    let sent = 0;
    const writing = Promise.all(
      Array.from({ length: 3 }, async () => {
        while (isWriting) {
          sent += 1;
          await send(`m${sent}`);
        }
      }),
    );
    const followers: Follower[] = [];
    for (let at = 0; at < 12; at += 1) followers.push(await follow({ view: { messages: 1 } }));
    isWriting = false;
    await writing;
    const history = (await server.call("chat.history", { room, limit: 1 })) as {
      data: OutputOf<"chat.history">;
    };
    const end = history.data.position!.offset;
    const seen = new Map<number, unknown>();
    for (const follower of followers) {
      await eventually(() => {
        const last = publicationsOf(follower).at(-1)?.offset ?? subscribedOf(follower).position.offset;
        expect(last).toBe(end);
      });
      const from = subscribedOf(follower).position.offset;
      const offsets = publicationsOf(follower).map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: end - from }, (_, at) => from + 1 + at));
      for (const { offset, data } of publicationsOf(follower)) {
        expect(data).toEqual(seen.get(offset) ?? data);
        seen.set(offset, data);
      }
    }
  });

  describe("CH4: with `since`", () => {
    async function positionNow(): Promise<Position> {
      const { position } = subscribedOf(await follow());
      return position;
    }

    it("the reply has exactly the publications after the position, and later publications follow", async () => {
      await send("one");
      const since = await positionNow();
      for (let at = 1; at <= 300; at += 1) await send(`m${at}`);
      const follower = await follow({ since });
      const { recovered, reason, snapshot, publications, position } = subscribedOf(follower);
      expect({ recovered, reason, snapshot }).toEqual({ recovered: true });
      expect(textsOf(publications)).toEqual(Array.from({ length: 300 }, (_, at) => `m${at + 1}`));
      expect(publications!.map(({ offset }) => offset)).toEqual(
        Array.from({ length: 300 }, (_, at) => at + 2),
      );
      expect(position.offset).toBe(301);
      await send("last");
      await eventually(() => expect(textsOf(publicationsOf(follower))).toEqual(["last"]));
    });

    it("a client that subscribed to the empty room recovers the room's first message", async () => {
      const since = await positionNow();
      expect(since).toEqual({ epoch: expect.any(String), offset: 0 });
      await send("one");
      expect(subscribedOf(await follow({ since }))).toMatchObject({
        recovered: true,
        publications: [{ offset: 1 }],
      });
    });

    it("a client that missed no publication recovers with an empty list of publications", async () => {
      const { id } = await send("one");
      const since = await positionNow();
      expect(since.id).toBe(id);
      expect(subscribedOf(await follow({ since }))).toMatchObject({
        recovered: true,
        publications: [],
        position: since,
      });
    });

    it.each([
      ["epoch", (since: Position) => ({ ...since, epoch: "another" })],
      ["ahead", (since: Position) => ({ ...since, offset: since.offset + 1 })],
      ["forked", (since: Position) => ({ ...since, id: "another" })],
      ["trimmed", (since: Position) => ({ ...since, offset: 0, id: "x" })],
    ])(
      "a client whose position can't be recovered gets a snapshot and the reason `%s`",
      async (reason, from) => {
        await server.call("chat.configure", { room, logSize: 10 });
        for (let at = 1; at <= 12; at += 1) await send(`m${at}`);
        const follower = await follow({ since: from(await positionNow()) });
        expect(subscribedOf(follower)).toMatchObject({ recovered: false, reason, position: { offset: 12 } });
        expect(snapshotOf(follower).messages).toHaveLength(10);
      },
    );

    it("CT5: the oldest recoverable position is that of the item before the log's first item, and its id is checked", async () => {
      await server.call("chat.configure", { room, logSize: 10 });
      await send("one");
      const since = await positionNow();
      for (let at = 2; at <= 11; at += 1) await send(`m${at}`);
      const { publications, recovered } = subscribedOf(await follow({ since }));
      expect([recovered, publications?.length]).toEqual([true, 10]);
      const forged = { ...since, id: "another" };
      expect(subscribedOf(await follow({ since: forged }))).toMatchObject({ reason: "forked" });
      await send("m12");
      expect(subscribedOf(await follow({ since }))).toMatchObject({ recovered: false, reason: "trimmed" });
    });

    it("CT4: a recovered message that was deleted meanwhile has no text, and its recovered edits have none", async () => {
      await send("one");
      const since = await positionNow();
      await send("secret");
      await server.call("chat.edit", { room, offset: 2, text: "secret too" });
      await server.call("chat.delete", { room, offset: 2 });
      const { publications } = subscribedOf(await follow({ since }));
      expect(publications).toMatchObject([
        { offset: 2, event: "chat.message", data: { text: "", deleted: true } },
        { offset: 3, event: "chat.edited", data: { text: "" } },
        { offset: 4, event: "chat.deleted", data: { message: 2 } },
      ]);
    });

    it("publications that do not fit into the reply follow the reply without a gap", async () => {
      await send("one");
      const since = await positionNow();
      const text = "x".repeat(3_900);
      for (let at = 0; at < 200; at += 1) await send(text);
      const follower = await follow({ since });
      const { recovered, publications, position } = subscribedOf(follower);
      expect(recovered).toBe(true);
      expect(publications!.length).toBeLessThan(200);
      expect(position.offset).toBe(publications!.at(-1)!.offset);
      await send("last");
      await eventually(() => expect(publicationsOf(follower).at(-1)?.offset).toBe(202));
      const offsets = [...publications!, ...publicationsOf(follower)].map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: 201 }, (_, at) => at + 2));
    });
  });

  it("CH4, CH5: when the log was lost, subscribers get channel.resync, and then receive later publications", async () => {
    await send("one");
    const follower = await follow();
    const before = subscribedOf(follower).position;
    await redis.unlink(...(await redis.keys(`${node.prefix}:{chat:${room}}:*`)));
    await send("new life");
    const ephemeral = () => follower.ephemeral ?? publicationsOf(follower);
    await eventually(() =>
      expect(ephemeral()).toContainEqual(
        expect.objectContaining({ event: "channel.resync", data: { reason: "epoch" } }),
      ),
    );
    const back = await follow({ since: before });
    expect(subscribedOf(back)).toMatchObject({
      recovered: false,
      reason: "epoch",
      snapshot: { messages: [{ text: "new life" }] },
    });
    await send("goes on");
    for (const each of [follower, back]) {
      await eventually(() => expect(textsOf(publicationsOf(each)).at(-1)).toBe("goes on"));
    }
  });

  it("CT6: a subscription to a room is `forbidden` without access, and `bad_request` for a misspelt direct room", async () => {
    const { token } = await newGuest(node.url, "Ann");
    await server.call("chat.configure", { room, visibility: "private" });
    const { reply } = await follow({}, token);
    expect(reply).toMatchObject({
      ok: false,
      error: { code: "forbidden", message: "You may not see this room" },
    });
    const { reply: direct } = await follow({ channel: "chat:dm:ann:bo" }, token);
    expect(direct).toMatchObject({
      ok: false,
      error: { code: "forbidden", message: "You may not see this room" },
    });
    const { reply: misspelt } = await follow({ channel: "chat:dm:bo:ann" });
    expect(misspelt).toMatchObject({ ok: false, error: { code: "bad_request" } });
  });

  it("CT6: a ban and the removal of a member end live subscriptions within 1 s", async () => {
    const [ann, bo] = await Promise.all([newGuest(node.url, "Ann"), newGuest(node.url, "Bo")]);
    await server.call("chat.configure", { room, visibility: "private" });
    for (const { user } of [ann, bo]) await server.call("chat.setMember", { room, user: user.id });
    const [hers, his, other] = await Promise.all([follow({}, ann.token), follow({}, bo.token), follow()]);
    const eventsOf = (follower: Follower) =>
      (follower.ephemeral ?? publicationsOf(follower)).map(({ event }) => event);
    const bannedAt = performance.now();
    await server.call("chat.moderate", { room, user: ann.user.id, action: "ban", ttlMs: 60_000 });
    await eventually(() => expect(eventsOf(hers)).toEqual(["channel.ended"]));
    expectWithin(1_000, bannedAt);
    const removedAt = performance.now();
    await server.call("chat.removeMember", { room, user: bo.user.id });
    await eventually(() => expect(eventsOf(his)).toEqual(["channel.ended"]));
    expectWithin(1_000, removedAt);
    await send("not for them");
    await eventually(() => expect(publicationsOf(other)).toHaveLength(1));
    expect([eventsOf(hers), eventsOf(his)]).toEqual([["channel.ended"], ["channel.ended"]]);
    expect((await follow({}, ann.token)).reply).toMatchObject({ error: { code: "forbidden" } });
  });

  it("CT6: a room that becomes private ends the subscriptions of non-members", async () => {
    const ann = await newGuest(node.url, "Ann");
    const follower = await follow({}, ann.token);
    await server.call("chat.configure", { room, visibility: "private" });
    const events = () => (follower.ephemeral ?? publicationsOf(follower)).map(({ event }) => event);
    await eventually(() => expect(events()).toEqual(["channel.ended"]));
  });

  it("CT8: typing is sent to other users only", async () => {
    const [ann, bo] = await Promise.all([newGuest(node.url, "Ann"), newGuest(node.url, "Bo")]);
    await send("one");
    const [hers, his] = await Promise.all([follow({}, ann.token), follow({}, bo.token)]);
    const writer = await openWebSocket(node.url, ann.token);
    expect(await writer.call("chat.typing", { room })).toEqual({ ok: true, data: { sent: true } });
    expect(await writer.call("chat.typing", { room })).toEqual({ ok: true, data: { sent: false } });
    await send("two");
    await eventually(() => expect(textsOf(publicationsOf(hers))).toContain("two"));
    await eventually(() => expect(textsOf(publicationsOf(his))).toContain("two"));
    const typing = (follower: Follower) =>
      (follower.ephemeral ?? publicationsOf(follower)).filter(({ event }) => event === "chat.typing");
    expect(typing(his)).toMatchObject([
      { data: { user: ann.user.id, profile: { name: "Ann", avatar: null } } },
    ]);
    expect(typing(hers)).toEqual([]);
    await writer.close();
  });
});
