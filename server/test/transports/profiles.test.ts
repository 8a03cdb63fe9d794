import type { Profile } from "@grandstand/shared/user";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Keys, PROFILE_GROUPS } from "../../src/redis/keys.js";
import { dataOf, failure } from "../support/acks.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { monitor } from "../support/monitor.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { connectTestRedis, type TestRedis } from "../support/redis-client.js";
import { secondsFromNow, TOKEN_SECRET, tokenFor } from "../support/tokens.js";

/** Two nodes on one Redis. */
let nodes: [TestNode, TestNode];
let server: Client;
let redis: TestRedis;
let user: string;
let board: string;
let room: string;

beforeAll(async () => {
  const settings = { GRANDSTAND_PRESENCE_GRACE_MS: "100", GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET };
  const node = await startTestNode(settings);
  nodes = [node, await startTestNode({ ...settings, GRANDSTAND_PREFIX: node.prefix })];
  server = await restDriver.open(node.url, TEST_API_KEY);
  redis = await connectTestRedis();
});

afterAll(async () => {
  for (const node of nodes) {
    await becomesIdle(node);
    await node.close();
  }
  await redis.close();
});

beforeEach(async () => {
  [user, board, room] = [freshId("user"), freshId("board"), freshId("room")];
  dataOf(
    await server.call("leaderboard.configure", { board, order: "desc", operator: "best", submit: "member" }),
  );
});

const named = (name: string, avatar: string | null = null): Profile => ({ name, avatar });

/** A token that was issued `ageSeconds` ago. */
const token = (name: string | null, ageSeconds: number, id = user) =>
  tokenFor(id, { name, iat: Math.floor(secondsFromNow(-ageSeconds)) });

/** Gives the user an entry on the board and a message in the room, and enters the room over a WebSocket. */
async function writeEverywhere(name: string) {
  const device = await openWebSocket(nodes[0].url, await token(name, 60));
  onTestFinished(() => device.close());
  dataOf(await device.call("leaderboard.submit", { board, member: user, score: 10 }));
  dataOf(await device.call("chat.send", { room, text: "Hello" }));
  dataOf(await device.call("presence.enter", { room }));
  return device;
}

/** The profile of the user in each kind of read from a node. */
async function shownOn(node: TestNode): Promise<(Profile | null)[]> {
  const client = await restDriver.open(node.url, TEST_API_KEY);
  const read = async (operation: string, input: object) => dataOf(await client.call(operation, input));
  const lookup = await read("leaderboard.lookup", { board, members: [user] });
  return [
    (await read("leaderboard.entries", { board })).entries[0],
    await read("leaderboard.entry", { board, member: user }),
    (await read("leaderboard.around", { board, member: user })).entries[0],
    lookup.entries[0],
    (await read("chat.history", { room })).messages[0],
    (await read("presence.get", { room })).members[0],
    (await read("user.profiles", { users: [user] })).profiles[0],
  ].map(({ profile }) => profile);
}

function renamesIn({ pushes, ephemeral = [] }: Pick<Follower, "pushes" | "ephemeral">) {
  return [...pushes.flatMap(({ publications }) => publications), ...ephemeral]
    .filter(({ event }) => event === "profile.updated")
    .map(({ data }) => data);
}

const everywhere = (profile: Profile | null) => Array(7).fill(profile);

describe("a rename", () => {
  it("OP8: a user whom a server renames has the new profile in each kind of read on every node", async () => {
    await writeEverywhere("Ada");
    expect(await shownOn(nodes[0])).toEqual(everywhere(named("Ada")));
    expect(await shownOn(nodes[1])).toEqual(everywhere(named("Ada")));
    const renamed = named("Ada Lovelace", "https://example.com/ada.png");
    expect(dataOf(await server.call("user.setProfile", { user, ...renamed }))).toEqual({
      user,
      profile: renamed,
    });
    await eventually(async () => expect(await shownOn(nodes[0])).toEqual(everywhere(renamed)));
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(renamed)));
    const socket = await openWebSocket(nodes[0].url, TEST_API_KEY);
    onTestFinished(() => socket.close());
    const csv = dataOf(await socket.call("leaderboard.export", { board, format: "csv" }));
    expect(csv.content).toContain("Ada Lovelace");
    // After a server removed the profile, reads show no profile, although one is stored with the entry and the message.
    dataOf(await server.call("user.setProfile", { user, name: null }));
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(null)));
  });

  it.each([webSocketDriver, socketIoDriver, sseDriver])(
    "OP8: clients of every kind of channel that shows the user receive one `profile.updated` ($name)",
    async (driver) => {
      await writeEverywhere("Ada");
      const channels = [`leaderboard:${board}`, `chat:${room}`, `presence:${room}`, `user:${user}`];
      const followers = await Promise.all(
        channels.map((channel) => driver.follow(nodes[1].url, TEST_API_KEY, { channel })),
      );
      onTestFinished(async () => {
        await Promise.all(followers.map((follower) => follower.close()));
      });
      const other = await driver.follow(nodes[1].url, TEST_API_KEY, { channel: `chat:${freshId("room")}` });
      onTestFinished(() => other.close());
      for (const { reply } of followers) dataOf(reply);
      dataOf(await server.call("user.setProfile", { user, name: "Countess" }));
      await eventually(() =>
        expect(followers.map(renamesIn)).toEqual(followers.map(() => [{ user, profile: named("Countess") }])),
      );
      expect(renamesIn(other)).toEqual([]);
      // Later publications follow without a gap.
      dataOf(await server.call("chat.send", { room, text: "Welcome" }));
      await eventually(() =>
        expect(followers[1]!.pushes.at(-1)?.publications.at(-1)).toMatchObject({
          event: "chat.message",
          offset: 2,
        }),
      );
      // A later subscriber gets the new profile in the snapshot.
      const late = await driver.follow(nodes[1].url, TEST_API_KEY, { channel: `chat:${room}` });
      onTestFinished(() => late.close());
      expect(dataOf(late.reply).snapshot.messages[0]).toMatchObject({ user, profile: named("Countess") });
    },
  );

  it("OP8: a newer token with another name renames the user, and an older token does not restore the old name", async () => {
    const old = await writeEverywhere("Ada");
    const follower = await webSocketDriver.follow(nodes[1].url, TEST_API_KEY, { channel: `chat:${room}` });
    onTestFinished(() => follower.close());
    const newer = await restDriver.open(nodes[1].url, await token("Ada 2", 30));
    // The reply to the first call with the newer token has the new name.
    const { entry } = dataOf(await newer.call("leaderboard.submit", { board, member: user, score: 1 }));
    expect(entry).toMatchObject({ score: 10, profile: named("Ada 2") });
    await eventually(() => expect(renamesIn(follower)).toEqual([{ user, profile: named("Ada 2") }]));
    await eventually(async () => expect(await shownOn(nodes[0])).toEqual(everywhere(named("Ada 2"))));
    const sent = dataOf(await old.call("chat.send", { room, text: "From an old device" }));
    expect(sent.message.profile).toEqual(named("Ada 2"));
    const again = await restDriver.open(nodes[1].url, await token("Ada", 60));
    dataOf(await again.call("chat.send", { room, text: "Over REST" }));
    await eventually(() => expect(follower.pushes.flatMap((push) => push.publications).length).toBe(3));
    const messages = follower.pushes.flatMap(({ publications }) => publications).slice(1);
    expect(messages.map(({ data }) => (data as { profile: Profile }).profile)).toEqual([
      named("Ada 2"),
      named("Ada 2"),
    ]);
    expect(renamesIn(follower)).toHaveLength(1);
  });

  it("OP8: a refreshed token renames the user of a live connection, and a token without a name does not", async () => {
    const device = await writeEverywhere("Ada");
    dataOf(await device.call("auth.refresh", { token: await token("Ada 3", 10) }));
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(named("Ada 3"))));
    dataOf(await device.call("auth.refresh", { token: await token(null, 5) }));
    dataOf(await device.call("chat.send", { room, text: "Nameless" }));
    expect(await shownOn(nodes[1])).toEqual(everywhere(named("Ada 3")));
  });

  it("OP8: a profile that a server gives with a score or a kept member becomes the user's profile everywhere", async () => {
    await writeEverywhere("Ada");
    const stated = named("Ada of the server");
    const { entry } = dataOf(
      await server.call("leaderboard.submit", { board, member: user, score: 1, profile: stated }),
    );
    expect(entry.profile).toEqual(stated);
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(stated)));
    dataOf(await server.call("presence.keep", { room, user, ttlMs: 60_000, profile: named("Kept") }));
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(named("Kept"))));
    const scores = [{ member: user, score: 2, profile: named("Batch") }];
    dataOf(await server.call("leaderboard.submitMany", { board, scores }));
    await eventually(async () => expect(await shownOn(nodes[1])).toEqual(everywhere(named("Batch"))));
    // A score that is refused changes nothing.
    dataOf(await server.call("leaderboard.configure", { board, order: "desc", operator: "best", max: 100 }));
    const refused = { board, member: user, score: 200, profile: named("Cheat") };
    expect(await server.call("leaderboard.submit", refused)).toMatchObject(failure("conflict"));
    expect(await shownOn(nodes[0])).toEqual(everywhere(named("Batch")));
  });

  it("T9: a rename that is repeated with its idempotency key has no second effect", async () => {
    const first = { user, name: "One", idempotencyKey: freshId("key") };
    const answer = await server.call("user.setProfile", first);
    dataOf(await server.call("user.setProfile", { user, name: "Two" }));
    expect(await server.call("user.setProfile", first)).toEqual(answer);
    const { profiles } = dataOf(await server.call("user.profiles", { users: [user, freshId("user")] }));
    expect(profiles.map(({ profile }: { profile: Profile }) => profile)).toEqual([named("Two"), null]);
    expect(await server.call("user.setProfile", { ...first, name: "Three" })).toMatchObject(
      failure("conflict"),
    );
  });

  it("OP8: PUT of a profile refuses a missing or invisible name", async () => {
    const put = (body: object) =>
      fetch(`${nodes[0].url}/v1/users/${user}/profile`, {
        method: "PUT",
        headers: { authorization: `Bearer ${TEST_API_KEY}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const refused = await put({ avatar: null });
    expect(refused.status).toBe(400);
    expect((await refused.json()).issues).toMatchObject([{ path: "name" }]);
    expect((await put({ name: "\u200b" })).status).toBe(400);
    expect(await (await put({ name: "Ada" })).json()).toEqual({ user, profile: named("Ada") });
  });
});

describe("the cost", () => {
  it("OP8: reading cached profiles costs no command, and reading others costs at most one command for each group of profiles", async () => {
    const members = Array.from({ length: 40 }, (_, at) => `${user}-${at}`);
    const scores = members.map((member, at) => ({ member, score: at }));
    dataOf(await server.call("leaderboard.submitMany", { board, scores }));
    const read = async () => dataOf(await server.call("leaderboard.entries", { board, limit: 40 }));
    const commandsOf = async () => {
      const lines = await monitor(redis.commands, read);
      return lines.filter((line) => /"evalsha"/i.test(line) && line.includes(`${nodes[0].prefix}:{profiles:`))
        .length;
    };
    const cold = await commandsOf();
    expect(cold).toBeGreaterThan(0);
    expect(cold).toBeLessThanOrEqual(PROFILE_GROUPS);
    expect(await commandsOf()).toBe(0);
  });
});

describe("user data", () => {
  it("AU8, OP8: a profile is exported and erased, also from the cache of every node", async () => {
    await writeEverywhere("Ada");
    dataOf(await server.call("user.setProfile", { user, name: "Countess" }));
    await shownOn(nodes[1]);
    const exported = await fetch(`${nodes[0].url}/v1/users/${user}/export`, {
      headers: { authorization: `Bearer ${TEST_API_KEY}` },
    });
    const content = await exported.text();
    const lines = content
      .trim()
      .split("\n")
      .map((line: string) => JSON.parse(line));
    expect(lines).toContainEqual({
      domain: "user",
      kind: "profile",
      profile: named("Countess"),
      since: expect.any(String),
    });
    const follower = await webSocketDriver.follow(nodes[1].url, TEST_API_KEY, {
      channel: `leaderboard:${board}`,
    });
    onTestFinished(() => follower.close());
    const report = dataOf(await server.call("user.erase", { user }));
    expect(report.removed.user).toMatchObject({ profiles: 1 });
    await eventually(async () => {
      for (const node of nodes) {
        const client = await restDriver.open(node.url, TEST_API_KEY);
        const { profiles } = dataOf(await client.call("user.profiles", { users: [user] }));
        expect(profiles).toEqual([{ user, profile: null }]);
      }
    });
    expect(await redis.commands.exists(new Keys(nodes[0].prefix).profile(user).record)).toBe(0);
  });
});
