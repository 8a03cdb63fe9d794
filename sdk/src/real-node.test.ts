import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestNode, type TestNode } from "../../server/test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../server/test/support/names.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../../server/test/support/tokens.js";
import { type Client, type ClientOptions, createClient, createGuestSession } from "./client.js";
import { statusesOf, untilStatus } from "./testing/statuses.js";

let node: TestNode;
const clients: Client[] = [];
beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET }, inject("redisUrl"));
});
afterAll(async () => {
  for (const client of clients) client.close();
  await node.close();
});

function connect(options: ClientOptions): Client {
  const webSocket = WebSocket as unknown as typeof globalThis.WebSocket;
  const client = createClient({ url: node.url, webSocket, ...options });
  clients.push(client);
  return client;
}

describe.each(["websocket", "socketio"] as const)("against a real node over %s", (transport) => {
  it("a board, a counter, a room and its presence are live", async () => {
    const server = connect({ transport, token: TEST_API_KEY });
    const [board, counter, room] = [freshId("board"), freshId("counter"), freshId("room")];
    await server.leaderboard(board).configure({ submit: "member" });
    await server.counter(counter).configure();
    const { user, token } = await createGuestSession({ url: node.url, name: "Ada" });
    const guest = connect({ transport, token });
    const entries = guest.leaderboard(board).live({ top: 10, me: true });
    const value = guest.counter(counter).live();
    const messages = guest.chat(room).live();
    const members = guest.presence(room).live();
    for (const live of [entries, value, messages, members]) live.subscribe(() => {});
    guest.presence(room).enter();
    await guest.leaderboard(board).submit({ member: user.id, score: 42 });
    await server.counter(counter).add(3);
    await guest.chat(room).send("hello");
    await vi.waitFor(() => expect(entries.get().me).toMatchObject({ score: 42, rank: 1 }), 5_000);
    await vi.waitFor(() => expect(value.get().value).toBe(3), 5_000);
    await vi.waitFor(() => expect(messages.get().messages.map(({ text }) => text)).toEqual(["hello"]), 5_000);
    await vi.waitFor(
      () => expect(members.get().members.map((member) => member.user)).toEqual([user.id]),
      5_000,
    );
  });

  it("CT10: the inbox and the unread counts follow the messages and read marks of a room", async () => {
    const room = freshId("room");
    const ada = await createGuestSession({ url: node.url, name: "Ada" });
    const client = connect({ transport, token: ada.token });
    const server = connect({ transport, token: TEST_API_KEY });
    const inbox = client.inbox();
    const unread = client.chats.liveUnread([room]);
    for (const live of [inbox, unread]) live.subscribe(() => {});
    await vi.waitFor(() => expect(inbox.get().status).toBe("live"), 5_000);
    await client.chat(room).send("hello");
    await vi.waitFor(() => expect(inbox.get().rooms).toMatchObject([{ room, unread: 0 }]), 5_000);
    await server.chat(room).send({ text: "Welcome", profile: { name: "Host", avatar: null } });
    await vi.waitFor(
      () => expect(inbox.get().rooms).toMatchObject([{ unread: 1, lastMessage: { text: "Welcome" } }]),
      5_000,
    );
    await vi.waitFor(() => expect(unread.get().values).toEqual({ [room]: 1 }), 5_000);
    await client.chat(room).read(2);
    await vi.waitFor(() => expect(inbox.get()).toMatchObject({ unread: 0, rooms: [{ read: 2 }] }), 5_000);
    await vi.waitFor(() => expect(unread.get().values).toEqual({ [room]: 0 }), 5_000);
    expect((await client.chats.list()).rooms).toMatchObject([{ room, unread: 0, read: 2 }]);
  });

  it("CT10: a read mark that is set while the code of the inbox is being loaded is stored", async () => {
    const room = freshId("room");
    const ada = await createGuestSession({ url: node.url, name: "Ada" });
    const client = connect({ transport, token: ada.token });
    await connect({ transport, token: TEST_API_KEY }).chat(room).send("Welcome");
    const inbox = client.inbox();
    inbox.subscribe(() => {});
    await inbox.markRead(room, 1);
    expect((await client.chats.list()).rooms).toMatchObject([{ room, read: 1, unread: 0 }]);
  });

  it("OP8: the new name of a renamed user appears in the live board, chat, presence and inbox", async () => {
    const [board, room] = [freshId("board"), freshId("room")];
    const server = connect({ transport, token: TEST_API_KEY });
    await server.leaderboard(board).configure({ submit: "member" });
    const ada = await createGuestSession({ url: node.url, name: "Ada" });
    const bo = await createGuestSession({ url: node.url, name: "Bo" });
    const [client, other] = [ada, bo].map(({ token }) => connect({ transport, token })) as [Client, Client];
    other.presence(room).enter();
    await other.leaderboard(board).submit({ member: bo.user.id, score: 42 });
    await client.chat(room).send("hello");
    await other.chat(room).send("hi");
    const [entries, messages] = [client.leaderboard(board).live(), client.chat(room).live()];
    const [members, inbox] = [client.presence(room).live(), client.inbox()];
    for (const live of [entries, messages, members, inbox]) live.subscribe(() => {});
    const names = () =>
      [
        entries.get().entries[0],
        messages.get().messages.at(-1),
        members.get().members[0],
        inbox.get().rooms[0]?.lastMessage,
      ].map((shown) => shown?.profile?.name);
    await vi.waitFor(() => expect(names()).toEqual(Array(4).fill("Bo")), 10_000);
    await server.call("user.setProfile", { user: bo.user.id, name: "Countess" });
    await vi.waitFor(() => expect(names()).toEqual(Array(4).fill("Countess")), 10_000);
    expect(messages.get().messages[0]?.profile?.name).toBe("Ada");
  });

  it("connect() on a live connection checks it and keeps it", async () => {
    const debug = vi.fn();
    const client = connect({ transport, token: TEST_API_KEY, debug });
    await client.leaderboards.list();
    const statuses = statusesOf(client);
    client.connect();
    await vi.waitFor(() => expect(debug).toHaveBeenLastCalledWith("the connection answers", {}));
    expect(statuses).toEqual(["live"]);
  });

  it("a call that is too large is refused before it is sent", async () => {
    const client = connect({ transport, token: TEST_API_KEY });
    await client.leaderboards.list();
    const statuses = statusesOf(client);
    const call = client.chat(freshId("room")).send("x".repeat(1_200_000));
    await expect(call).rejects.toMatchObject({ code: "payload_too_large", mayHaveTakenEffect: false });
    await client.leaderboards.list();
    expect(statuses).toEqual(["live"]);
  });

  it("AU9 the token function is called again if its token was issued in the future, and if its token has expired", async () => {
    const user = freshId("user");
    const issue = vi.fn(() => tokenFor(user));
    issue.mockImplementationOnce(() => tokenFor(user, { iat: secondsFromNow(600) }));
    issue.mockImplementationOnce(() => tokenFor(user, { exp: secondsFromNow(-600) }));
    const client = connect({ transport, token: issue });
    const statuses = statusesOf(client);
    await client.sessions.list({}, { timeoutMs: 15_000 });
    expect(issue).toHaveBeenCalledTimes(3);
    expect(statuses).not.toContain("closed");
  });

  it("setToken() switches to another user", async () => {
    const [ann, bo, room] = [freshId("ann"), freshId("bo"), freshId("room")];
    const client = connect({ transport, token: await tokenFor(ann) });
    expect((await client.chat(room).send("one")).user).toBe(ann);
    client.setToken(await tokenFor(bo));
    expect((await client.chat(room).send("two")).user).toBe(bo);
  });

  it("a wrong token closes the client, and setToken() opens it", async () => {
    const client = connect({ transport, token: "wrong" });
    await expect(client.leaderboards.list()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(client.connection.get()).toMatchObject({ status: "closed", reason: "unauthenticated" });
    client.setToken(TEST_API_KEY);
    await client.leaderboards.list();
  });
});

describe("a session cookie", () => {
  /** A WebSocket with the headers that a browser sends from a page of the node's own origin. */
  function webSocketWith(cookie: string): typeof globalThis.WebSocket {
    class PageSocket extends WebSocket {
      constructor(url: string) {
        super(url, { headers: { cookie }, origin: node.url });
      }
    }
    return PageSocket as unknown as typeof globalThis.WebSocket;
  }

  it("SD4 authenticates a client without a token", async () => {
    const response = await fetch(`${node.url}/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: node.url },
      body: JSON.stringify({ name: "Ann", cookie: true }),
    });
    const { user } = (await response.json()) as { user: { id: string } };
    const [cookie = ""] = response.headers.getSetCookie().at(-1)?.split(";") ?? [];
    const client = connect({ transport: "websocket", webSocket: webSocketWith(cookie) });
    client.connect();
    await untilStatus(client, "live");
    expect(client.connection.get().welcome?.user?.id).toBe(user.id);
  });

  it("leads to an error that names both cookie and token if a client has neither", async () => {
    const client = connect({ transport: "websocket", webSocket: webSocketWith("other=1") });
    await expect(client.leaderboards.list()).rejects.toMatchObject({
      code: "unauthenticated",
      message: "There is no token, and the server accepted no session cookie",
    });
  });
});
