import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, LiveChat } from "../../client.js";
import { ChatNode } from "../../testing/chat-node.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let server: ChatNode;
let client: Client;
let live: LiveChat;

beforeEach(async () => {
  node = await TestNode.start();
  server = new ChatNode(node);
  client = node.connect();
  live = client.chat(server.room).live();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await node.stop();
});

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

function shown() {
  return live.get().messages.map(({ text, state }) => `${text} ${state}`);
}

/** Sets the monotonic clock forward. */
function passMs(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

/**
 * Sends a message whose reply is lost, so that the message has the state `failed`.
 * @param takesEffect whether the server stores the message
 * @param onArrival called when the message arrives at the server
 */
async function sendWithoutReply(takesEffect: boolean, onArrival = () => {}): Promise<string> {
  server.say("before");
  const stop = live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  // The client gets no further publication, so that it can find the message only in the log.
  node.io.socketsLeave("followers");
  node.reply("chat.send", ({ text }) => {
    onArrival();
    if (takesEffect) server.say(text as string, null);
    throw new GrandstandError("unavailable", "The reply was lost");
  });
  const key = live.send("hello");
  await eventually(() => expect(shown()).toContain("hello failed"));
  node.reply("chat.send", ({ text }) => ({ message: server.say(text as string, null) }));
  stop();
  live.subscribe(() => {});
  return key;
}

describe("a message that is retried after its send got no reply", () => {
  it("is found in the log, and not sent a second time, after the server has forgotten its key", async () => {
    const key = await sendWithoutReply(true);
    for (let at = 0; at < 120; at += 1) server.say(`later ${at}`);
    passMs(315_000);
    live.retry(key);
    await eventually(() => expect(shown()).toContain("hello sent"));
    expect(server.messages.filter(({ text }) => text === "hello")).toHaveLength(1);
    expect(node.inputsOf("chat.send")).toHaveLength(1);
  });

  it("is found in the log of a new epoch, and not sent a second time, if the former log was lost before it arrived", async () => {
    const key = await sendWithoutReply(true, () => server.lose("two"));
    passMs(315_000);
    live.retry(key);
    await eventually(() => expect(shown()).toContain("hello sent"));
    expect(server.messages.filter(({ text }) => text === "hello")).toHaveLength(1);
    expect(node.inputsOf("chat.send")).toHaveLength(1);
  });

  it("is sent again if the former log was lost and the log of the new epoch does not have the message", async () => {
    const key = await sendWithoutReply(false, () => server.lose("two"));
    passMs(315_000);
    live.retry(key);
    await eventually(() => expect(shown()).toContain("hello sent"));
    expect(server.messages.filter(({ text }) => text === "hello")).toHaveLength(1);
    expect(node.inputsOf("chat.send")).toHaveLength(2);
  });

  it("is sent again if the server has forgotten its key and the log does not have the message", async () => {
    const key = await sendWithoutReply(false);
    passMs(315_000);
    live.retry(key);
    await eventually(() => expect(shown()).toContain("hello sent"));
    expect(server.messages.filter(({ text }) => text === "hello")).toHaveLength(1);
    expect(node.inputsOf("chat.send")).toHaveLength(2);
  });

  it("stays failed if the server has forgotten its key and the log no longer shows whether it was sent", async () => {
    const key = await sendWithoutReply(true);
    node.reply("chat.history", () => ({ messages: [], hasMore: false, position: server.position }));
    passMs(315_000);
    live.retry(key);
    await eventually(() =>
      expect(live.get().messages.find((message) => message.key === key)).toMatchObject({
        state: "failed",
        error: { code: "conflict" },
      }),
    );
    expect(node.inputsOf("chat.send")).toHaveLength(1);
  });

  it("is sent without a search of the log while the server still knows its key", async () => {
    const key = await sendWithoutReply(false);
    passMs(60_000);
    live.retry(key);
    await eventually(() => expect(shown()).toContain("hello sent"));
    expect(node.inputsOf("chat.history")).toEqual([]);
  });
});

it("a message that the server refused is sent again without a search of the log", async () => {
  live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  node.reply("chat.send", () => {
    throw new GrandstandError("forbidden", "Muted");
  });
  const key = live.send("hello");
  await eventually(() => expect(shown()).toEqual(["hello failed"]));
  node.reply("chat.send", ({ text }) => ({ message: server.say(text as string, null) }));
  passMs(3_600_000);
  live.retry(key);
  await eventually(() => expect(shown()).toEqual(["hello sent"]));
  expect(node.inputsOf("chat.history")).toEqual([]);
});
