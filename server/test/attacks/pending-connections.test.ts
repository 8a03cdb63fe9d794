import { contract, type OperationName } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure } from "../support/acks.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { exchange, openSocket, requestText } from "../support/attacks/raw-http.js";
import { placeSentinel } from "../support/attacks/sentinel.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

type Fields = Record<string, unknown>;

let node: AttackedNode;
let ann: { id: string; token: string };
let bo: { id: string; token: string };
let server: Client;

beforeAll(async () => {
  node = await startAttackedNode();
  [ann, bo] = (await Promise.all(
    ["Ann", "Bo"].map(async (name) => {
      const { user, token } = await newGuest(node.url, name);
      return { id: user.id, token };
    }),
  )) as [typeof ann, typeof bo];
  server = await webSocketDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await server.close();
  await node.close();
  expect(node.faults).toEqual([]);
});

/** A room that only Ann and the server may see, with a message of hers and one of the server's. */
async function privateRoom(): Promise<string> {
  const room = freshId("room");
  const owner = await webSocketDriver.open(node.url, ann.token);
  dataOf(await server.call("chat.configure", { room, visibility: "private" }));
  dataOf(await server.call("chat.setMember", { room, user: ann.id }));
  dataOf(await owner.call("chat.send", { room, text: "hers" }));
  dataOf(await server.call("chat.send", { room, text: "the server's" }));
  await owner.close();
  return room;
}

describe.each([restDriver, webSocketDriver, socketIoDriver])("AU2: over $name", (driver) => {
  /** Lets Bo try something. */
  async function tried(operation: OperationName, input: Fields) {
    const client = await driver.open(node.url, bo.token);
    const answer = await client.call(operation, input);
    await client.close();
    return answer;
  }

  it("nobody's call is answered but one that begins a session", async () => {
    const client = driver.name === "Socket.IO" ? null : await driver.open(node.url, null);
    for (const [name, operation] of Object.entries(contract) as [OperationName, Operation][]) {
      if (client === null || operation.callers === "anyone" || operation.rest?.stream) continue;
      if (driver.name === "REST" && operation.rest === null) continue;
      expect(await client.call(name, { board: "b", room: "r" }), name).toMatchObject(
        failure("unauthenticated"),
      );
    }
    await client?.close();
  });

  it("what is for servers is forbidden to users, whatever they send", async () => {
    const client = await driver.open(node.url, bo.token);
    for (const [name, { callers, rest }] of Object.entries(contract) as [OperationName, Operation][]) {
      if (callers !== "server" || rest?.stream) continue;
      expect(await client.call(name, { scores: "x" }), name).toMatchObject(failure("forbidden"));
    }
    await client.close();
  });

  it("another's entry can't be written, alone or in a batch", async () => {
    const board = freshId("board");
    dataOf(await server.call("leaderboard.configure", { board, submit: "member", operator: "sum" }));
    dataOf(await server.call("leaderboard.submit", { board, member: ann.id, score: 5 }));
    const theirs = { board, member: ann.id, score: 1 };
    expect(await tried("leaderboard.submit", theirs)).toMatchObject(failure("forbidden"));
    expect(await tried("leaderboard.submit", { ...theirs, operator: "last" })).toMatchObject(
      failure("forbidden"),
    );
    expect(await tried("leaderboard.submit", { ...theirs, member: bo.id, operator: "last" })).toMatchObject(
      failure("forbidden"),
    );
    expect(
      await tried("leaderboard.submitMany", { board, scores: [{ member: ann.id, score: 1 }] }),
    ).toMatchObject(failure("forbidden"));
    expect(dataOf(await server.call("leaderboard.entries", { board })).entries).toMatchObject([
      { member: ann.id, score: 5 },
    ]);
  });

  it("a hidden entry is for its member and servers only", async () => {
    const board = freshId("board");
    dataOf(await server.call("leaderboard.configure", { board }));
    dataOf(await server.call("leaderboard.submit", { board, member: ann.id, score: 5 }));
    dataOf(await server.call("leaderboard.hide", { board, member: ann.id }));
    const member = ann.id;
    expect(await tried("leaderboard.entry", { board, member })).toMatchObject(failure("not_found"));
    expect(await tried("leaderboard.around", { board, member })).toMatchObject(failure("not_found"));
    expect(dataOf(await tried("leaderboard.lookup", { board, members: [member] }))).toMatchObject({
      entries: [],
      notFound: [member],
    });
    for (const read of ["leaderboard.entries", "leaderboard.aroundScore", "leaderboard.stats"] as const) {
      const answer = await tried(read, { board, ...(read === "leaderboard.aroundScore" && { score: 5 }) });
      expect(JSON.stringify(dataOf(answer))).not.toContain(member);
    }
  });

  it("a room of others is neither read nor written, nor is it told whether it is there", async () => {
    const room = await privateRoom();
    const direct = "dm:ann:zoe";
    const about = { room, offset: 1 };
    const attempts: [OperationName, Fields][] = [
      ["chat.history", { room }],
      ["chat.history", { room: direct }],
      ["chat.send", { room, text: "x" }],
      ["chat.send", { room: direct, text: "x" }],
      ["chat.edit", { ...about, text: "x" }],
      ["chat.delete", about],
      ["chat.react", { ...about, emoji: "👍" }],
      ["chat.unreact", { ...about, emoji: "👍" }],
      ["chat.read", about],
      ["chat.members", { room }],
      ["chat.members", { room: direct }],
      ["chat.member", { room, user: ann.id }],
      ["chat.setMember", { room, user: bo.id }],
      ["chat.setMember", { room, user: bo.id, role: "moderator" }],
      ["chat.removeMember", { room, user: ann.id }],
      ["chat.moderate", { room, user: ann.id, action: "ban" }],
    ];
    for (const [operation, input] of attempts) {
      expect(await tried(operation, input), operation).toMatchObject(failure("forbidden"));
    }
    const rooms = [room, direct];
    expect(dataOf(await tried("chat.unread", { rooms })).rooms).toEqual(
      rooms.map((one) => ({ room: one, unread: 0, read: 0 })),
    );
    const messages = dataOf(await server.call("chat.history", { room })).messages;
    expect(messages.map(({ text }: { text: string }) => text)).toEqual(["hers", "the server's"]);
    expect(dataOf(await server.call("chat.members", { room })).members).toHaveLength(1);
  });

  it("another's message in a room of both stays as it is", async () => {
    const room = await privateRoom();
    dataOf(await server.call("chat.setMember", { room, user: bo.id }));
    for (const offset of [1, 2]) {
      expect(await tried("chat.edit", { room, offset, text: "x" })).toMatchObject(failure("forbidden"));
      expect(await tried("chat.delete", { room, offset })).toMatchObject(failure("forbidden"));
    }
    expect(await tried("chat.setMember", { room, user: bo.id, role: "moderator" })).toMatchObject(
      failure("forbidden"),
    );
    const [first] = dataOf(await server.call("chat.history", { room })).messages;
    expect(first).toMatchObject({ user: ann.id, text: "hers", editedAt: null, deleted: false });
  });

  it("another's counter, and another as a visitor, are refused", async () => {
    const counter = freshId("counter");
    dataOf(await server.call("counter.configure", { counter, kind: "unique", add: "anyone" }));
    expect(await tried("counter.visit", { counter, visitor: ann.id })).toMatchObject(failure("forbidden"));
    const total = freshId("counter");
    dataOf(await server.call("counter.set", { counter: total, value: 3 }));
    expect(await tried("counter.add", { counter: total, by: 1 })).toMatchObject(failure("forbidden"));
    expect(
      dataOf(await server.call("counter.getMany", { counters: [counter, total] })).counters,
    ).toMatchObject([{ value: 0 }, { value: 3 }]);
  });

  it("T9: another's idempotency key is one's own: neither a repeat nor a look at the first answer", async () => {
    const room = freshId("room");
    const owner = await driver.open(node.url, ann.token);
    const input = { room, text: "same", idempotencyKey: "key" };
    const first = dataOf(await owner.call("chat.send", input)).message;
    const second = dataOf(await tried("chat.send", input)).message;
    expect([first.offset, second.offset]).toEqual([1, 2]);
    expect(second.user).toBe(bo.id);
    expect(dataOf(await owner.call("chat.send", input)).message.offset).toBe(1);
    await owner.close();
  });

  it("a cursor of another board, kind or nobody's leads nowhere that may not be read", async () => {
    const [one, other] = [freshId("board"), freshId("board")];
    for (const board of [one, other]) {
      dataOf(await server.call("leaderboard.configure", { board }));
      const scores = [1, 2, 3].map((score) => ({ member: `${board}-${score}`, score }));
      dataOf(await server.call("leaderboard.submitMany", { board, scores }));
    }
    const { nextCursor } = dataOf(await tried("leaderboard.entries", { board: one, limit: 1 }));
    const page = dataOf(await tried("leaderboard.entries", { board: other, cursor: nextCursor }));
    for (const { member } of page.entries) expect(member).toContain(other);

    const forged = [
      ["daily", "2026-11-24", "1", "QUFB"],
      ["all", "all:meta", "1", "QUFB"],
      ["all", "all", "1e999", "QUFB"],
      ["__proto__", "all", "1", "QUFB"],
    ].map((parts) => Buffer.from(JSON.stringify(parts)).toString("base64url"));
    for (const cursor of [...forged, "", "AAAA", Buffer.from("[".repeat(500)).toString("base64url")]) {
      const answer = await tried("leaderboard.entries", { board: one, cursor });
      expect(answer.ok ? "" : answer.error.code).toMatch(/^(bad_request|not_found)$/);
    }
    for (const operation of ["leaderboard.list", "counter.list"] as const) {
      for (const id of ["a{b}", "*", "a\0", ""]) {
        const cursor = Buffer.from(id).toString("base64url") || "=";
        expect(await tried(operation, { cursor })).toMatchObject(failure("bad_request"));
      }
    }
  });

  it("another's session is neither seen nor ended", async () => {
    const mine = dataOf(await tried("session.list", {})).sessions;
    const hers = await driver.open(node.url, ann.token);
    const [session] = dataOf(await hers.call("session.list")).sessions;
    expect(mine.map(({ id }: { id: string }) => id)).not.toContain(session.id);
    expect(await tried("session.list", { user: ann.id })).toMatchObject({ ok: false });
    expect(await tried("session.revoke", { session: session.id })).toMatchObject(failure("not_found"));
    expect(await tried("user.revoke", { user: ann.id })).toMatchObject(failure("forbidden"));
    expect(await tried("session.create", { user: { id: ann.id } })).toMatchObject({ ok: false });
    expect(await hers.call("session.list")).toMatchObject({ ok: true });
    await hers.close();
  });
});

describe("CT6: another's channel", () => {
  const namesOf = (channel: string) => [
    encodeURIComponent(channel),
    channel,
    channel.replaceAll(":", "%3a"),
    [...Buffer.from(channel)].map((byte) => `%${byte.toString(16)}`).join(""),
  ];

  it("is closed to sockets and streams, however it is written", async () => {
    const room = await privateRoom();
    for (const channel of [`chat:${room}`, "chat:dm:ann:zoe", `user:${ann.id}`]) {
      for (const driver of [webSocketDriver, socketIoDriver]) {
        const since = { epoch: "x", offset: 0 };
        const followers = [await driver.follow(node.url, bo.token, { channel })];
        followers.push(await driver.follow(node.url, bo.token, { channel, since }));
        for (const { reply, close } of followers) {
          expect(reply.ok ? "" : reply.error.code).toMatch(/^(forbidden|not_found)$/);
          await close();
        }
      }
      for (const name of namesOf(channel)) {
        for (const lastEventId of [
          undefined,
          "x:0",
          "x:0:y",
          "0:999999999999999",
          "\u00ff:1",
          "::",
          `${"x".repeat(64)}:1`,
        ]) {
          const headers = [
            ["authorization", `Bearer ${bo.token}`],
            ...(lastEventId === undefined ? [] : [["last-event-id", lastEventId]]),
          ] as [string, string][];
          const [answer] = await exchange(node.port, requestText(`GET /v1/channels/${name}/events`, headers));
          expect([403, 404]).toContain(answer!.status);
        }
      }
    }
    expect(node.channelCount()).toBe(0);
  });

  it("is no line further down in one's own: what members write begins no event of a stream", async () => {
    const room = freshId("room");
    const socket = await openSocket(node.port);
    const received: string[] = [];
    socket.on("data", (bytes) => received.push(String(bytes)));
    socket.write(
      requestText(`GET /v1/channels/chat%3A${room}/events`, [["authorization", `Bearer ${bo.token}`]]),
    );
    await expect.poll(() => received.join(""), { timeout: 15_000 }).toContain("event: subscribed");
    const text = "x\n\nevent: closing\ndata: {}\n\n\r\r\u2028";
    dataOf(await server.call("chat.send", { room, text, metadata: { "\nid: 7": "\n\nid: 7" } }));
    await expect.poll(() => received.join(""), { timeout: 15_000 }).toContain("event: chat.message");
    expect(received.join("")).not.toMatch(/^(event: closing|id: 7)$/m);
    socket.destroy();
  });
});

it("AU2: what belongs to somebody is as it was after all of that", async () => {
  const sentinel = await placeSentinel(node.url, freshId("sentinel"));
  const before = await sentinel.look();
  for (const { name, open } of [restDriver, webSocketDriver, socketIoDriver]) {
    const client = await open(node.url, bo.token);
    for (const operation of Object.keys(contract) as OperationName[]) {
      const { rest, callers }: Operation = contract[operation];
      if (rest?.stream || callers === "anyone" || (name === "REST" && rest === null)) continue;
      await client.call(operation, { board: "x", room: "x", counter: "x", member: ann.id, user: ann.id });
    }
    await client.close();
  }
  expect(await sentinel.look()).toEqual(before);
});
