import type { Position, Push } from "@grandstand/shared/channels";
import { directRoom } from "@grandstand/shared/direct-rooms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cap, tokenCall, userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import type { Caller } from "../../core/caller.js";
import type { Connection } from "../../core/connection.js";
import { Hub } from "../../live/hub.js";
import type { Topics } from "../../redis/topics.js";
import { chatSource } from "./feed.js";

let fixture: ChatFixture;
let chat: ChatFixture["chat"];
let room: string;

const ann = userCall("ann");
const forbidden = { code: "forbidden" };

beforeAll(async () => {
  fixture = await chatFixture();
  chat = fixture.chat;
});

afterAll(() => fixture.redis.close());

beforeEach(async () => {
  room = freshId("room");
  await configure({ visibility: "private" });
  for (const user of ["ann", "mod"]) {
    await chat["chat.setMember"]({ room, user, role: user === "mod" ? "moderator" : "member" }, serverCall);
  }
});

function configure(more: { visibility?: "private" | "public"; slowModeMs?: number }) {
  const settings = { logSize: 1_000, retentionMs: 86_400_000, slowModeMs: 0 };
  return chat["chat.configure"]({ room, ...settings, ...more }, serverCall);
}

function send(call: Call, text = "hej") {
  return chat["chat.send"]({ room, text }, call);
}

function history(call: Call) {
  return chat["chat.history"]({ room, limit: 10 }, call);
}

function moderate(call: Call, user: string, action: "mute" | "ban" | "unban" | "unmute") {
  return chat["chat.moderate"]({ room, user, action }, call);
}

const chatter = () => tokenCall("zoe", { caps: [cap(`chat:${room}`, "subscribe", "publish")] });
const moderators = (): [string, Call][] => [
  ["by a cap", tokenCall("zoe", { caps: [cap(`chat:${room}`, "subscribe", "publish", "moderate")] })],
  ["by role", tokenCall("zoe", { role: "moderator" })],
];

describe("a user with the rights to subscribe and publish", () => {
  it("CT6: reads and writes in a private room without being a member", async () => {
    const { message } = await send(chatter());
    expect((await history(chatter())).messages).toMatchObject([{ text: "hej", user: "zoe" }]);
    await chat["chat.react"]({ room, offset: message.offset, emoji: "👍" }, chatter());
    expect(await chat["chat.read"]({ room, offset: message.offset }, chatter())).toEqual({ offset: 1 });
    expect((await chat["chat.unread"]({ rooms: [room] }, chatter())).rooms).toMatchObject([{ read: 1 }]);
    expect((await chat["chat.members"]({ room, limit: 10 }, chatter())).members).toHaveLength(2);
  });

  it("CT6: has no access to another private room", async () => {
    const elsewhere = tokenCall("zoe", { caps: [cap(`chat:${room}x`, "subscribe", "publish", "moderate")] });
    await expect(history(elsewhere)).rejects.toMatchObject(forbidden);
    await expect(send(elsewhere)).rejects.toMatchObject(forbidden);
  });

  it("CT6, CT7: is subject to bans and mutes", async () => {
    await moderate(serverCall, "zoe", "mute");
    await expect(send(chatter())).rejects.toMatchObject({ ...forbidden, issues: [{ rule: "muted" }] });
    await history(chatter());
    await moderate(serverCall, "zoe", "ban");
    await expect(history(chatter())).rejects.toMatchObject(forbidden);
    await expect(send(chatter())).rejects.toMatchObject(forbidden);
  });

  it("CT7: can't change messages of others, and is subject to slow mode", async () => {
    const { message } = await send(ann);
    const { offset } = message;
    await expect(chat["chat.edit"]({ room, offset, text: "no" }, chatter())).rejects.toMatchObject(forbidden);
    await expect(chat["chat.delete"]({ room, offset }, chatter())).rejects.toMatchObject(forbidden);
    await expect(moderate(chatter(), "ann", "mute")).rejects.toMatchObject(forbidden);
    await configure({ visibility: "private", slowModeMs: 60_000 });
    await send(chatter());
    await expect(send(chatter())).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("CT6: a ban also applies to a user who is a member of the room and has the right to subscribe", async () => {
    const reader = tokenCall("ann", { caps: [cap(`chat:${room}`, "subscribe")] });
    await history(reader);
    await moderate(serverCall, "ann", "ban");
    await expect(history(reader)).rejects.toMatchObject(forbidden);
  });
});

describe("a user with the right to moderate, by a cap or by role", () => {
  it("CT7: edits and deletes messages, mutes and bans users, adds and removes members, and ignores slow mode", async () => {
    for (const [, moderator] of moderators()) {
      await configure({ visibility: "private", slowModeMs: 60_000 });
      const { offset } = (await send(userCall("mod"))).message;
      await chat["chat.edit"]({ room, offset, text: "tidy" }, moderator);
      await chat["chat.delete"]({ room, offset }, moderator);
      expect(await moderate(moderator, "ann", "mute")).toMatchObject({ muted: true });
      expect(await moderate(moderator, "ann", "unmute")).toMatchObject({ muted: false });
      expect(await moderate(moderator, "ann", "ban")).toMatchObject({ banned: true });
      expect(await moderate(moderator, "ann", "unban")).toMatchObject({ banned: false });
      await chat["chat.setMember"]({ room, user: "cy", role: "member" }, moderator);
      await chat["chat.removeMember"]({ room, user: "cy" }, moderator);
      await send(moderator);
      await send(moderator);
    }
  });

  it("CT7: can't ban or remove the room's own moderators, and can't make a user a moderator", async () => {
    for (const [, moderator] of moderators()) {
      await expect(moderate(moderator, "mod", "ban")).rejects.toMatchObject(forbidden);
      const promote = chat["chat.setMember"]({ room, user: "cy", role: "moderator" }, moderator);
      await expect(promote).rejects.toMatchObject(forbidden);
      await expect(chat["chat.removeMember"]({ room, user: "mod" }, moderator)).rejects.toMatchObject(
        forbidden,
      );
    }
  });

  it("CT7: is not subject to bans and mutes", async () => {
    await moderate(serverCall, "zoe", "mute");
    await moderate(serverCall, "zoe", "ban");
    for (const [who, moderator] of moderators()) {
      expect((await send(moderator, who)).message).toMatchObject({ text: who });
      await history(moderator);
    }
  });
});

describe("direct rooms", () => {
  it("CT6: are closed to moderators, and to caps whose patterns do not begin with `chat:dm:`", async () => {
    room = directRoom("ann", "bo");
    const { offset } = (await send(ann)).message;
    const wide = [cap(["*", "chat:*"], "subscribe", "publish", "moderate")];
    for (const call of [tokenCall("zoe", { caps: wide }), tokenCall("zoe", { role: "moderator" })]) {
      await expect(history(call)).rejects.toMatchObject(forbidden);
      await expect(send(call)).rejects.toMatchObject(forbidden);
    }
    // bo has access because the room's name contains bo, but is no moderator.
    const bo = tokenCall("bo", { caps: wide });
    await send(bo);
    await expect(chat["chat.delete"]({ room, offset }, bo)).rejects.toMatchObject(forbidden);
  });

  it("CT6: are open to a cap whose pattern begins with `chat:dm:` and matches the room", async () => {
    room = directRoom(freshId("a"), freshId("b"));
    const support = tokenCall("zoe", { caps: [cap("chat:dm:*", "subscribe", "publish")] });
    await send(support);
    expect((await history(support)).messages).toMatchObject([{ user: "zoe" }]);
    const elsewhere = tokenCall("zoe", { caps: [cap("chat:dm:x:*", "subscribe", "publish")] });
    await expect(history(elsewhere)).rejects.toMatchObject(forbidden);
  });
});

describe("subscribers of a room", () => {
  let hub: Hub;
  let topics: Topics;

  beforeEach(async () => {
    topics = fixture.redis.topics;
    await topics.start();
    const queueLimits = { queuedBytes: 1_000_000, closeBytes: 4_000_000, closeMs: 15_000 };
    hub = new Hub(topics, { chat: chatSource(fixture.dependencies) }, 0, queueLimits, 128);
    return async () => {
      expect(hub.channelCount).toBe(0);
      topics.stop();
    };
  });

  /** A connection that records the publications it receives. */
  class Follower implements Connection {
    readonly transport = "websocket";
    readonly closedBy = "client";
    readonly id = freshId("connection");
    readonly events: { event: string; data: unknown }[] = [];
    readonly queuedBytes = 0;
    readonly address = "127.0.0.1";
    readonly broadcaster = {
      join: () => {},
      leave: () => {},
      broadcast: (_audience: string, push: Push) => this.send(push),
    };
    caller: Caller;

    constructor({ caller }: Call) {
      this.caller = caller;
    }

    send({ publications }: Push): void {
      this.events.push(...publications);
    }

    onSubscriptionEnded(): void {}
    warn(): void {}
    close(): void {}
    terminate(): void {}

    async follow(): Promise<Position> {
      const request = { view: undefined, since: undefined };
      const { begin, position } = await hub.subscribe(this, `chat:${room}`, request);
      begin();
      return position;
    }

    get hasEnded(): boolean {
      return this.events.some(({ event }) => event === "channel.ended");
    }

    leave(): void {
      hub.drop(this);
    }
  }

  /** Waits until the access of all subscribers has been checked again, and the witness has received a later message. */
  async function accessReviewed(witness: Follower): Promise<void> {
    const outsider = new Follower(userCall("out"));
    await chat["chat.setMember"]({ room, user: "out", role: "member" }, serverCall);
    await outsider.follow();
    await configure({ visibility: "public" });
    await configure({ visibility: "private" });
    await chat["chat.removeMember"]({ room, user: "out" }, serverCall);
    await eventually(() => expect(outsider.hasEnded).toBe(true));
    outsider.leave();
    await send(serverCall, "after");
    await eventually(() => expect(witness.events.at(-1)).toMatchObject({ event: "chat.message" }));
  }

  it("CT6: keep the access that their token gives, until they are banned", async () => {
    const zoe = new Follower(chatter());
    await zoe.follow();
    await accessReviewed(zoe);
    expect(zoe.hasEnded).toBe(false);
    await moderate(serverCall, "zoe", "ban");
    await eventually(() => expect(zoe.hasEnded).toBe(true));
  });

  it("CT6: are checked separately when two connections of a user have tokens with different rights", async () => {
    const [asMember, asModerator] = [
      new Follower(userCall("ann")),
      new Follower(tokenCall("ann", { role: "moderator" })),
    ];
    await asMember.follow();
    await asModerator.follow();
    await chat["chat.removeMember"]({ room, user: "ann" }, serverCall);
    await eventually(() => expect(asMember.hasEnded).toBe(true));
    await accessReviewed(asModerator);
    expect(asModerator.hasEnded).toBe(false);
    asModerator.leave();
  });

  it("AU3: lose access when a new token allows less", async () => {
    const allowed = (...caps: Parameters<typeof cap>[]) =>
      tokenCall("zoe", { caps: caps.map((one) => cap(...one)) });
    const lesser: [string, Call][] = [
      ["caps for another channel only", allowed(["chat:other", "subscribe"])],
      ["caps without the right to subscribe", allowed([`chat:${room}`, "publish"])],
      ["no caps, so that only members have access to this private room", userCall("zoe")],
    ];
    for (const [what, { caller }] of lesser) {
      const zoe = new Follower(chatter());
      await zoe.follow();
      zoe.caller = caller;
      hub.reviewRights(zoe);
      await eventually(() => expect(zoe.hasEnded, what).toBe(true));
      expect(zoe.events.at(-1)?.data).toMatchObject(forbidden);
    }
  });

  it("AU3: lose access to the direct room of two other users when a new token has no cap for it", async () => {
    room = directRoom(freshId("a"), freshId("b"));
    const support = new Follower(tokenCall("zoe", { caps: [cap("chat:dm:*", "subscribe")] }));
    await support.follow();
    support.caller = tokenCall("zoe", { role: "moderator" }).caller;
    hub.reviewRights(support);
    await eventually(() => expect(support.hasEnded).toBe(true));
  });

  it("AU3: keep access when a new token still allows the channel", async () => {
    const zoe = new Follower(chatter());
    await zoe.follow();
    zoe.caller = tokenCall("zoe", { caps: [cap("chat:*", "subscribe")] }).caller;
    hub.reviewRights(zoe);
    await accessReviewed(zoe);
    expect(zoe.hasEnded).toBe(false);
    zoe.leave();
  });
});
