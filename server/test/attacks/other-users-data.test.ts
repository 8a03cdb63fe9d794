import { contract, type OperationName } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure } from "../support/acks.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { createOwnedData } from "../support/attacks/owned-data.js";
import { exchange, openSocket, requestText } from "../support/attacks/raw-http.js";
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
  expect(node.loggedErrors).toEqual([]);
});

/** A room that only Ann and the server can read, with one message from Ann and one from the server. */
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
  /** Calls an operation as Bo. */
  async function callAsBo(operation: OperationName, input: Fields) {
    const client = await driver.open(node.url, bo.token);
    const reply = await client.call(operation, input);
    await client.close();
    return reply;
  }

  it("calls without credentials are `unauthenticated`, and Socket.IO refuses the connection", async () => {
    if (driver.name === "Socket.IO") {
      const refused = { data: { code: "unauthenticated" } };
      await expect(driver.open(node.url, null)).rejects.toMatchObject(refused);
      return;
    }
    const client = await driver.open(node.url, null);
    for (const [name, operation] of Object.entries(contract) as [OperationName, Operation][]) {
      if (operation.callers === "anyone" || operation.rest?.stream) continue;
      if (driver.name === "REST" && operation.rest === null) continue;
      expect(await client.call(name, { board: "b", room: "r" }), name).toMatchObject(
        failure("unauthenticated"),
      );
    }
    await client.close();
  });

  it("operations for servers are forbidden to users, also with an invalid input", async () => {
    const client = await driver.open(node.url, bo.token);
    for (const [name, { callers, rest }] of Object.entries(contract) as [OperationName, Operation][]) {
      if (callers !== "server" || rest?.stream) continue;
      expect(await client.call(name, { scores: "x" }), name).toMatchObject(failure("forbidden"));
    }
    await client.close();
  });

  it("a user can't write another user's entry, alone or in a batch", async () => {
    const board = freshId("board");
    dataOf(await server.call("leaderboard.configure", { board, submit: "member", operator: "sum" }));
    dataOf(await server.call("leaderboard.submit", { board, member: ann.id, score: 5 }));
    const annsEntry = { board, member: ann.id, score: 1 };
    expect(await callAsBo("leaderboard.submit", annsEntry)).toMatchObject(failure("forbidden"));
    expect(await callAsBo("leaderboard.submit", { ...annsEntry, operator: "last" })).toMatchObject(
      failure("forbidden"),
    );
    expect(
      await callAsBo("leaderboard.submit", { ...annsEntry, member: bo.id, operator: "last" }),
    ).toMatchObject(failure("forbidden"));
    expect(
      await callAsBo("leaderboard.submitMany", { board, scores: [{ member: ann.id, score: 1 }] }),
    ).toMatchObject(failure("forbidden"));
    expect(dataOf(await server.call("leaderboard.entries", { board })).entries).toMatchObject([
      { member: ann.id, score: 5 },
    ]);
  });

  it("a user can't read another member's hidden entry", async () => {
    const board = freshId("board");
    dataOf(await server.call("leaderboard.configure", { board }));
    dataOf(await server.call("leaderboard.submit", { board, member: ann.id, score: 5 }));
    dataOf(await server.call("leaderboard.hide", { board, member: ann.id }));
    const member = ann.id;
    expect(await callAsBo("leaderboard.entry", { board, member })).toMatchObject(failure("not_found"));
    expect(await callAsBo("leaderboard.around", { board, member })).toMatchObject(failure("not_found"));
    expect(dataOf(await callAsBo("leaderboard.lookup", { board, members: [member] }))).toMatchObject({
      entries: [],
      notFound: [member],
    });
    for (const read of ["leaderboard.entries", "leaderboard.aroundScore", "leaderboard.stats"] as const) {
      const reply = await callAsBo(read, { board, ...(read === "leaderboard.aroundScore" && { score: 5 }) });
      expect(JSON.stringify(dataOf(reply))).not.toContain(member);
    }
  });

  it("a user can neither read nor write other users' rooms, nor learn whether they exist", async () => {
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
      expect(await callAsBo(operation, input), operation).toMatchObject(failure("forbidden"));
    }
    const rooms = [room, direct];
    expect(dataOf(await callAsBo("chat.unread", { rooms })).rooms).toEqual(
      rooms.map((one) => ({ room: one, unread: 0, read: 0 })),
    );
    const messages = dataOf(await server.call("chat.history", { room })).messages;
    expect(messages.map(({ text }: { text: string }) => text)).toEqual(["hers", "the server's"]);
    expect(dataOf(await server.call("chat.members", { room })).members).toHaveLength(1);
  });

  it("a user can't change another user's message in a room of which both are members", async () => {
    const room = await privateRoom();
    dataOf(await server.call("chat.setMember", { room, user: bo.id }));
    for (const offset of [1, 2]) {
      expect(await callAsBo("chat.edit", { room, offset, text: "x" })).toMatchObject(failure("forbidden"));
      expect(await callAsBo("chat.delete", { room, offset })).toMatchObject(failure("forbidden"));
    }
    expect(await callAsBo("chat.setMember", { room, user: bo.id, role: "moderator" })).toMatchObject(
      failure("forbidden"),
    );
    const [first] = dataOf(await server.call("chat.history", { room })).messages;
    expect(first).toMatchObject({ user: ann.id, text: "hers", editedAt: null, deleted: false });
  });

  it("a user can't add to a counter that only servers may change, nor count another user as a visitor", async () => {
    const counter = freshId("counter");
    dataOf(await server.call("counter.configure", { counter, kind: "unique", add: "anyone" }));
    expect(await callAsBo("counter.visit", { counter, visitor: ann.id })).toMatchObject(failure("forbidden"));
    const total = freshId("counter");
    dataOf(await server.call("counter.set", { counter: total, value: 3 }));
    expect(await callAsBo("counter.add", { counter: total, by: 1 })).toMatchObject(failure("forbidden"));
    expect(
      dataOf(await server.call("counter.getMany", { counters: [counter, total] })).counters,
    ).toMatchObject([{ value: 0 }, { value: 3 }]);
  });

  it("T9: another user's call with the same idempotency key is no repeat and gets a reply of its own", async () => {
    const room = freshId("room");
    const owner = await driver.open(node.url, ann.token);
    const input = { room, text: "same", idempotencyKey: "key" };
    const first = dataOf(await owner.call("chat.send", input)).message;
    const second = dataOf(await callAsBo("chat.send", input)).message;
    expect([first.offset, second.offset]).toEqual([1, 2]);
    expect(second.user).toBe(bo.id);
    expect(dataOf(await owner.call("chat.send", input)).message.offset).toBe(1);
    await owner.close();
  });

  it("a cursor of another board or a forged cursor gives no data of another board", async () => {
    const [one, other] = [freshId("board"), freshId("board")];
    for (const board of [one, other]) {
      dataOf(await server.call("leaderboard.configure", { board }));
      const scores = [1, 2, 3].map((score) => ({ member: `${board}-${score}`, score }));
      dataOf(await server.call("leaderboard.submitMany", { board, scores }));
    }
    const { nextCursor } = dataOf(await callAsBo("leaderboard.entries", { board: one, limit: 1 }));
    const page = dataOf(await callAsBo("leaderboard.entries", { board: other, cursor: nextCursor }));
    for (const { member } of page.entries) expect(member).toContain(other);

    const forged = [
      ["daily", "2026-11-24", "1", "QUFB"],
      ["all", "all:meta", "1", "QUFB"],
      ["all", "all", "1e999", "QUFB"],
      ["__proto__", "all", "1", "QUFB"],
    ].map((parts) => Buffer.from(JSON.stringify(parts)).toString("base64url"));
    for (const cursor of [...forged, "", "AAAA", Buffer.from("[".repeat(500)).toString("base64url")]) {
      const reply = await callAsBo("leaderboard.entries", { board: one, cursor });
      expect(reply.ok ? "" : reply.error.code).toMatch(/^(bad_request|not_found)$/);
    }
    for (const operation of ["leaderboard.list", "counter.list"] as const) {
      for (const id of ["a{b}", "*", "a\0", ""]) {
        const cursor = Buffer.from(id).toString("base64url") || "=";
        expect(await callAsBo(operation, { cursor })).toMatchObject(failure("bad_request"));
      }
    }
  });

  it("a user can neither list nor revoke another user's sessions", async () => {
    const bosSessions = dataOf(await callAsBo("session.list", {})).sessions;
    const asAnn = await driver.open(node.url, ann.token);
    const [session] = dataOf(await asAnn.call("session.list")).sessions;
    expect(bosSessions.map(({ id }: { id: string }) => id)).not.toContain(session.id);
    expect(await callAsBo("session.list", { user: ann.id })).toMatchObject({ ok: false });
    expect(await callAsBo("session.revoke", { session: session.id })).toMatchObject(failure("not_found"));
    expect(await callAsBo("user.revoke", { user: ann.id })).toMatchObject(failure("forbidden"));
    expect(await callAsBo("session.create", { user: { id: ann.id } })).toMatchObject({ ok: false });
    expect(await asAnn.call("session.list")).toMatchObject({ ok: true });
    await asAnn.close();
  });
});

describe("CT6: a channel of other users", () => {
  const spellingsOf = (channel: string) => [
    encodeURIComponent(channel),
    channel,
    channel.replaceAll(":", "%3a"),
    [...Buffer.from(channel)].map((byte) => `%${byte.toString(16)}`).join(""),
  ];

  it("is refused on sockets and streams, however its name is encoded", async () => {
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
      for (const name of spellingsOf(channel)) {
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
          const [response] = await exchange(
            node.port,
            requestText(`GET /v1/channels/${name}/events`, headers),
          );
          expect([403, 404]).toContain(response!.status);
        }
      }
    }
    expect(node.channelCount()).toBe(0);
  });

  it("sends no forged event: line breaks in a message start no event in a stream", async () => {
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

it("AU2: calls of all operations by another user leave a user's board, room and counter unchanged", async () => {
  const id = freshId("owned");
  const owned = await createOwnedData(node.url, id);
  const before = await owned.read();
  for (const { name, open } of [restDriver, webSocketDriver, socketIoDriver]) {
    const client = await open(node.url, bo.token);
    const ids = { board: id, room: id, counter: id, member: bo.id, user: bo.id };
    const fields: Fields = { ...ids, offset: 1, text: "x", emoji: "👍", score: 9, value: 9 };
    for (const operation of Object.keys(contract) as OperationName[]) {
      const { rest, callers, input }: Operation = contract[operation];
      if (rest?.stream || callers === "anyone" || (name === "REST" && rest === null)) continue;
      // A field that an operation does not have would be refused before the rights are checked.
      const own = Object.entries(fields).filter(([field]) => Object.hasOwn(input.shape, field));
      await client.call(operation, Object.fromEntries(own));
    }
    await client.close();
  }
  expect(await owned.read()).toEqual(before);
});
