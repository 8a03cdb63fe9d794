import { GrandstandError } from "@grandstand/shared/errors";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../../client.js";
import { chatMessage } from "../../testing/chat-message.js";
import { ChatNode } from "../../testing/chat-node.js";
import { TestNode } from "../../testing/test-node.js";
import type { LiveChatState } from "./chat-state.js";
import type { LiveChat } from "./live-chat.js";

let node: TestNode;
let server: ChatNode;
let client: Client;
let live: LiveChat;
let states: LiveChatState[];
let stop: () => void;

function eventually<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

beforeEach(async () => {
  node = await TestNode.start();
  server = new ChatNode(node);
  client = node.connect();
  live = client.chat(server.room).live();
  states = [];
});

afterEach(() => node.stop());

async function follow(): Promise<void> {
  stop = live.subscribe(() => states.push(live.get()));
  await eventually(() => expect(live.get().status).toBe("live"));
}

function texts(): string[] {
  return live.get().messages.map(({ text }) => text);
}

function shown() {
  return live.get().messages.map(({ text, state }) => `${text} ${state}`);
}

it("shows the last messages of a room, then new messages, edits, reactions and deletions", async () => {
  server.say("one");
  expect(live.get().status).toBe("loading");
  await follow();
  server.say("two");
  await eventually(() => expect(texts()).toEqual(["one", "two"]));
  const [first] = live.get().messages;
  server.append("chat.edited", {
    message: 2,
    text: "zwei",
    metadata: null,
    editedAt: "2025-01-01T00:00:01.000Z",
  });
  await eventually(() => expect(texts()).toEqual(["one", "zwei"]));
  expect(live.get().messages[0]).toBe(first);
  server.append("chat.reacted", { message: 1, emoji: "👍", user: "cy", added: true, count: 1 });
  await eventually(() =>
    expect(live.get().messages[0]?.reactions).toEqual({ "👍": { count: 1, users: ["cy"] } }),
  );
  server.append("chat.reacted", { message: 1, emoji: "👍", user: "cy", added: false, count: 0 });
  server.append("chat.deleted", { message: 2, user: "bo", deletedAt: "2025-01-01T00:00:02.000Z" });
  await eventually(() =>
    expect(live.get().messages).toMatchObject([{ reactions: {} }, { text: "", deleted: true }]),
  );
});

describe("own messages", () => {
  it("appear at once as sending, then as sent, under one key", async () => {
    await follow();
    states = [];
    const key = live.send("hello");
    expect(live.get().messages).toMatchObject([{ key, text: "hello", state: "sending", offset: null }]);
    await eventually(() => expect(live.get().messages).toMatchObject([{ key, state: "sent", offset: 1 }]));
    server.say("hi");
    await eventually(() => expect(shown()).toEqual(["hello sent", "hi sent"]));
    for (const state of states) expect(state.messages.filter(({ text }) => text === "hello")).toHaveLength(1);
  });

  it("are shown once, even if they are published before they are acknowledged", async () => {
    await follow();
    states = [];
    let acknowledge = () => {};
    node.answer("chat.send", ({ input, ack }) => {
      const message = server.say(input.text as string, null);
      acknowledge = () => ack({ ok: true, data: { message } });
    });
    const key = live.send("hello");
    await eventually(() => expect(live.get().messages).toMatchObject([{ key, state: "sent" }]));
    acknowledge();
    server.append("chat.reacted", { message: 1, emoji: "👍", user: "cy", added: true, count: 1 });
    await eventually(() => expect(live.get().messages).toMatchObject([{ key, reactions: { "👍": {} } }]));
    for (const { messages } of states) expect(messages).toHaveLength(1);
  });

  it("CH3: disappear if the log that holds them is lost, even if the acknowledgement comes after the loss", async () => {
    server.say("one");
    await follow();
    let acknowledge = () => {};
    node.answer("chat.send", ({ input, ack }) => {
      const message = server.say(input.text as string, null);
      acknowledge = () => ack({ ok: true, data: { message } });
    });
    live.send("mine");
    await eventually(() => expect(shown()).toEqual(["one sent", "mine sent"]));
    server.lose("two");
    server.push([{ offset: 0, event: "channel.resync", data: { reason: "epoch" } }]);
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: "epoch" }));
    acknowledge();
    await eventually(() => expect(shown()).toEqual([]));
    server.say("two");
    await eventually(() => expect(shown()).toEqual(["two sent"]));
  });

  it("can be sent again under the same idempotency key after a failure, or discarded", async () => {
    await follow();
    let isBusy = true;
    const keys = new Set<unknown>();
    node.reply("chat.send", ({ idempotencyKey, text }) => {
      keys.add(idempotencyKey);
      if (isBusy) throw new GrandstandError("rate_limited", "Slow", { retryAfterMs: 1_000 });
      return { message: server.say(text as string, null) };
    });
    const [first, second] = [live.send("one"), live.send("two")];
    await eventually(() => expect(shown()).toEqual(["one failed", "two failed"]));
    expect(live.get().messages[0]?.error).toMatchObject({ code: "rate_limited" });
    isBusy = false;
    live.discard(second);
    live.retry(first);
    expect(shown()).toEqual(["one sending"]);
    await eventually(() => expect(shown()).toEqual(["one sent"]));
    expect(keys).toEqual(new Set([first, second]));
  });

  it("are sent again after a lost connection, and are one message", async () => {
    await follow();
    node.answer("chat.send", ({ input }) => {
      // The server carries out the send, but the reply is lost.
      server.answers.set(input.idempotencyKey, server.say(input.text as string, null));
      node.breakConnections();
      node.reply("chat.send", ({ idempotencyKey }) => ({ message: server.answers.get(idempotencyKey) }));
    });
    live.send("once");
    await eventually(() => expect(shown()).toEqual(["once sent"]));
    expect(server.messages).toHaveLength(1);
  });

  it("can be sent without listeners, and leave nothing behind", async () => {
    live.send("blind");
    await eventually(() => expect(server.messages).toMatchObject([{ text: "blind" }]));
    await eventually(() => expect(live.get().messages).toEqual([]));
  });
});

describe("a live room", () => {
  it("is stale without a connection, catches up, and is live again", async () => {
    await follow();
    states = [];
    node.breakConnections();
    await eventually(() => expect(live.get().status).toBe("stale"));
    server.say("meanwhile");
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: null }));
    expect(texts()).toEqual(["meanwhile"]);
    const statuses = states.map(({ status }) => status);
    expect([...new Set(statuses)]).toEqual(["stale", "catchingUp", "live"]);
    expect(node.inputsOf("channel.subscribe").at(-1)).toMatchObject({ since: { epoch: "one", offset: 0 } });
  });

  it("shows no gap: it reads missing messages before it shows later ones", async () => {
    server.say("one");
    await follow();
    const message = chatMessage(3, { id: "one-3", text: "three" });
    server.log.push({
      offset: 2,
      event: "chat.message",
      data: { ...message, id: "one-2", offset: 2, text: "two" },
    });
    server.log.push({ offset: 3, event: "chat.message", data: message });
    server.push(server.log.slice(2));
    await eventually(() => expect(texts()).toEqual(["one", "two", "three"]));
    for (const { messages } of states) expect(messages.map(({ text }) => text)).not.toEqual(["one", "three"]);
  });

  it("reports that the log was lost, and restarts the list", async () => {
    server.say("one");
    await follow();
    server.lose("two");
    server.say("new life");
    server.push([{ offset: 1, event: "channel.resync", data: { reason: "epoch" } }]);
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: "epoch" }));
    expect(texts()).toEqual(["new life"]);
  });

  it("fails when the user may no longer read", async () => {
    await follow();
    server.push([{ offset: 0, event: "channel.ended", data: { code: "forbidden", message: "No" } }]);
    await eventually(() =>
      expect(live.get()).toMatchObject({ status: "failed", error: { code: "forbidden" } }),
    );
  });
});

it("loads each page of older messages once, also if two calls ask for it at the same time", async () => {
  for (let at = 1; at <= 120; at += 1) server.say(`m${at}`);
  await follow();
  expect(live.get()).toMatchObject({ hasMore: true });
  expect(live.get().messages).toHaveLength(50);
  await Promise.all([live.loadOlder(), live.loadOlder()]);
  expect(live.get().messages).toHaveLength(100);
  await live.loadOlder();
  expect(texts()).toEqual(Array.from({ length: 120 }, (_, at) => `m${at + 1}`));
  expect(live.get().hasMore).toBe(false);
  await live.loadOlder();
  expect(node.inputsOf("chat.history")).toHaveLength(2);
});

describe("older messages that are being loaded", () => {
  /** For each request that the server has carried out, a function that sends its reply. */
  let held: (() => void)[];

  beforeEach(() => {
    held = [];
    node.answer("chat.history", ({ input, ack }) => {
      const older = server.messages.filter(({ offset }) => offset < (input.before as number));
      const messages = older.slice(-(input.limit as number));
      const page = { messages, hasMore: messages.length < older.length, position: server.position };
      held.push(() => ack({ ok: true, data: page }));
    });
  });

  it("include the changes that were published since they were requested", async () => {
    for (let at = 1; at <= 60; at += 1) server.say(`m${at}`);
    await follow();
    const loading = live.loadOlder();
    await eventually(() => expect(held).toHaveLength(1));
    expect(live.get().isLoadingOlder).toBe(true);
    server.append("chat.deleted", { message: 5, user: "bo", deletedAt: "2025-01-01T00:00:02.000Z" });
    const editedAt = "2025-01-01T00:00:02.000Z";
    server.append("chat.edited", { message: 6, text: "six", metadata: null, editedAt });
    server.append("chat.reacted", { message: 7, emoji: "👍", user: "cy", added: true, count: 1 });
    server.say("m61");
    await eventually(() => expect(texts().at(-1)).toBe("m61"));
    held[0]!();
    await loading;
    const expected = Array.from({ length: 61 }, (_, at) => `m${at + 1}`)
      .with(4, "")
      .with(5, "six");
    expect(texts()).toEqual(expected);
    expect(live.get().messages[4]).toMatchObject({ deleted: true });
    expect(live.get().messages[6]?.reactions).toEqual({ "👍": { count: 1, users: ["cy"] } });
    expect(live.get().isLoadingOlder).toBe(false);
  });

  it("are added even if the first shown message changed meanwhile", async () => {
    for (let at = 1; at <= 60; at += 1) server.say(`m${at}`);
    await follow();
    const loading = live.loadOlder();
    await eventually(() => expect(held).toHaveLength(1));
    server.append("chat.reacted", { message: 11, emoji: "👍", user: "cy", added: true, count: 1 });
    await eventually(() => expect(live.get().messages[0]?.reactions).toHaveProperty("👍"));
    held[0]!();
    await loading;
    expect(texts()).toHaveLength(60);
  });

  it("are not added to a list that was restarted meanwhile, and can be loaded again", async () => {
    for (let at = 1; at <= 60; at += 1) server.say(`m${at}`);
    await follow();
    const loading = live.loadOlder();
    await eventually(() => expect(held).toHaveLength(1));
    // The deletion is not published. The delayed page was read before the deletion, so it shows message 5 as not
    // deleted.
    server.log.push({ offset: 61, event: "chat.deleted", data: { id: "one-61", message: 5 } });
    const snapshot = { messages: server.messages.slice(-50), hasMore: true };
    const opening = { position: server.position, recovered: false, reason: "trimmed", snapshot };
    node.reply("channel.subscribe", ({ channel }) => ({ channel, ...opening }));
    server.push([{ offset: 60, event: "channel.resync", data: {} }]);
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: "trimmed" }));
    expect(live.get().isLoadingOlder).toBe(false);
    const again = live.loadOlder();
    await eventually(() => expect(held).toHaveLength(2));
    held[0]!();
    await loading;
    expect(live.get().isLoadingOlder).toBe(true);
    expect(texts()).toHaveLength(50);
    held[1]!();
    await again;
    expect(texts()).toHaveLength(60);
  });

  it("are added even if the list has its full length, and stay there", async () => {
    for (let at = 1; at <= 100; at += 1) server.say(`m${at}`);
    await follow();
    for (let at = 101; at <= 2_060; at += 1) server.say(`m${at}`);
    await eventually(() => expect(texts().at(-1)).toBe("m2060"));
    expect(texts()).toHaveLength(2_000);
    const loading = live.loadOlder();
    await eventually(() => expect(held).toHaveLength(1));
    server.say("m2061");
    await eventually(() => expect(texts().at(-1)).toBe("m2061"));
    held[0]!();
    await loading;
    server.say("m2062");
    await eventually(() => expect(texts().at(-1)).toBe("m2062"));
    expect(texts()).toEqual(Array.from({ length: 2_052 }, (_, at) => `m${at + 11}`));
  });
});

it("shows who is typing until the message arrives, and sends own typing notices", async () => {
  await follow();
  server.push([{ offset: 0, event: "chat.typing", data: { user: "bo", profile: null } }]);
  await eventually(() => expect(live.get().typing).toEqual([{ user: "bo", profile: null }]));
  server.say("done", "bo");
  await eventually(() => expect(live.get().typing).toEqual([]));
  live.tellTyping();
  live.tellTyping();
  await eventually(() => expect(node.inputsOf("chat.typing")).toHaveLength(1));
  // The second call within 2 s sends its notice when the 2 s are over.
  await eventually(() => expect(node.inputsOf("chat.typing")).toHaveLength(2));
});

describe("OP8: a user who is renamed", () => {
  const profile = { name: "Countess", avatar: null };
  const names = () => live.get().messages.map((message) => message.profile?.name ?? null);

  it("is shown with the new name in all messages and while typing", async () => {
    for (const user of ["bo", "ann", "bo"]) server.say("hello", user);
    await follow();
    const [, ofAnn] = live.get().messages;
    server.push([{ offset: 3, event: "chat.typing", data: { user: "bo", profile: null } }]);
    server.push([{ offset: 3, event: "profile.updated", data: { user: "bo", profile } }]);
    await eventually(() => expect(names()).toEqual(["Countess", null, "Countess"]));
    expect(live.get().typing).toEqual([{ user: "bo", profile }]);
    expect(live.get().messages[1]).toBe(ofAnn);
    server.say("on", "ann");
    await eventually(() => expect(texts()).toEqual(["hello", "hello", "hello", "on"]));
    expect(live.get().status).toBe("live");
  });

  it("is shown with the new name after a recovery if the client was offline when the name changed", async () => {
    for (const user of ["bo", "ann", null]) server.say("hello", user);
    await follow();
    server.profiles.set("bo", profile);
    node.breakConnections();
    await eventually(() => expect(names()).toEqual(["Countess", null, null]));
    expect(node.inputsOf("user.profiles")).toMatchObject([{ users: ["ann", "bo"] }]);
  });
});

it("sends a typing notice after the wall clock was set back by an hour", async () => {
  await follow();
  live.tellTyping();
  await eventually(() => expect(node.inputsOf("chat.typing")).toHaveLength(1));
  const wall = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => wall() - 3_600_000);
  try {
    live.tellTyping();
    await eventually(() => expect(node.inputsOf("chat.typing")).toHaveLength(2));
  } finally {
    vi.restoreAllMocks();
  }
});

describe("a loss of messages", () => {
  beforeEach(async () => {
    for (let at = 1; at <= 60; at += 1) server.say(`m${at}`);
    await follow();
    const snapshot = { messages: server.messages.slice(-50), hasMore: true };
    const opening = { position: server.position, recovered: false, reason: "trimmed", snapshot };
    node.reply("channel.subscribe", ({ channel }) => ({ channel, ...opening }));
    server.push([{ offset: 60, event: "channel.resync", data: {} }]);
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: "trimmed" }));
  });

  it("is no longer reported once older messages were loaded", async () => {
    await live.loadOlder();
    expect(live.get().lost).toBeNull();
  });

  it("is no longer reported once the room was marked as read", async () => {
    node.reply("chat.read", ({ offset }) => ({ offset }));
    await live.markRead();
    expect(live.get().lost).toBeNull();
  });

  it("is no longer reported after a later recovery without a gap", async () => {
    node.reply("channel.subscribe", ({ channel }) => ({
      channel,
      position: server.position,
      recovered: true,
      publications: [],
    }));
    node.breakConnections();
    await eventually(() => expect(live.get().status).toBe("stale"));
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", lost: null }));
  });
});

it("markRead() sends no second call if no message has arrived since the first", async () => {
  server.say("one");
  await follow();
  node.reply("chat.read", ({ offset }) => ({ offset }));
  await live.markRead();
  await live.markRead();
  expect(node.inputsOf("chat.read")).toMatchObject([{ offset: 1 }]);
});

it("markRead() sends its call again if the call before failed", async () => {
  server.say("one");
  await follow();
  node.reply("chat.read", () => {
    throw new GrandstandError("rate_limited", "Slow");
  });
  await expect(live.markRead()).rejects.toMatchObject({ code: "rate_limited" });
  node.reply("chat.read", ({ offset }) => ({ offset }));
  await live.markRead();
  expect(node.inputsOf("chat.read")).toMatchObject([{ offset: 1 }, { offset: 1 }]);
});

describe("a room of a closed client", () => {
  it("has the status failed, and shows the message that can't be sent", async () => {
    client.close();
    const late = client.chat("attic").live();
    late.subscribe(() => {});
    await eventually(() =>
      expect(late.get()).toMatchObject({ status: "failed", error: { code: "unavailable" } }),
    );
    late.send("too late");
    await eventually(() =>
      expect(late.get().messages).toMatchObject([{ text: "too late", state: "failed" }]),
    );
    expect(late.get().status).toBe("failed");
  });

  it("does not notify listeners that were removed", async () => {
    await follow();
    const heard: string[] = [];
    const leave = live.subscribe(() => heard.push(live.get().status));
    stop();
    states = [];
    client.close();
    expect(states).toEqual([]);
    expect(heard).toEqual(["failed"]);
    leave();
    live.send("too late");
    await eventually(() => expect(shown()).toEqual(["too late failed"]));
    expect(heard).toEqual(["failed"]);
  });
});

it("unsubscribes after its last listener was removed, and subscribes again with the next one", async () => {
  server.say("one");
  await follow();
  stop();
  await eventually(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1));
  // The client forgets the room once the server has confirmed the end of the subscription.
  await eventually(() => expect(live.get().status).toBe("loading"));
  await follow();
  expect(texts()).toEqual(["one"]);
});

it("CH3: the list equals the end of the log, without gaps or repeats, whatever the connection does", {
  timeout: 60_000,
}, async () => {
  const step = fc.constantFrom("say", "say", "say", "send", "break", "lose", "leave out", "edit", "wait");
  await follow();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 24, size: "max" }), async (steps) => {
      for (const now of steps) {
        if (now === "say") server.say(`m${server.log.length}`);
        else if (now === "send") live.send(`mine ${server.log.length}`);
        else if (now === "break") node.breakConnections();
        else if (now === "lose") {
          server.lose(`${server.epoch}'`);
          server.push([{ offset: 0, event: "channel.resync", data: { reason: "epoch" } }]);
        } else if (now === "leave out") {
          const offset = server.log.length + 1;
          server.log.push({
            offset,
            event: "chat.message",
            data: chatMessage(offset, { id: `${server.epoch}-${offset}`, text: "left out" }),
          });
        } else if (now === "edit" && server.messages.length > 0) {
          const { offset: message } = server.messages.at(-1)!;
          server.append("chat.reacted", { message, emoji: "👍", user: "x", added: true, count: 1 });
        } else await new Promise((resolve) => setImmediate(resolve));
        // Own messages are not checked here. The acknowledgement may give an own message an offset of a new
        // epoch while the list still shows the old epoch.
        const others = live.get().messages.filter(({ text }) => !text.startsWith("mine"));
        const offsets = others.map(({ offset }) => offset!);
        expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other));
      }
      // Once the next item arrives, the client notices that a publication was left out.
      server.say("last");
      await eventually(() => {
        const { status, messages } = live.get();
        const ids = server.messages.map(({ id }) => id);
        expect(status).toBe("live");
        expect(messages.map(({ id }) => id)).toEqual(ids.slice(-messages.length));
        expect(messages.map(({ text }) => text)).toContain("last");
        expect(messages.length).toBeGreaterThanOrEqual(Math.min(ids.length, 50));
      });
    }),
    { numRuns: 8, endOnFailure: true },
  );
});
