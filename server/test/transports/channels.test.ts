import type { OutputOf } from "@grandstand/shared/contract";
import type { LeaderboardSnapshot, LeaderboardUpdated } from "@grandstand/shared/events/leaderboard";
import type { Ack } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { replicaOf } from "../support/board-replica.js";
import type { Client, Follower, LiveDriver, SubscribeInput } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openSocketIo, socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

type Subscribed = OutputOf<"channel.subscribe"> & { snapshot: LeaderboardSnapshot };

let node: TestNode;
let server: Client;
let board: string;

beforeAll(async () => {
  node = await startTestNode();
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await becomesIdle(node);
  await node.close();
});

beforeEach(async () => {
  board = freshId("board");
  await server.call("leaderboard.configure", { board, submit: "member" });
});

function submit(member: string, score: number): Promise<Ack> {
  return server.call("leaderboard.submit", { board, member, score, operator: "last" });
}

function subscribedOf({ reply }: Follower): Subscribed {
  if (!reply.ok) throw new Error(`not subscribed: ${JSON.stringify(reply.error)}`);
  return reply.data as Subscribed;
}

function ranksIn(follower: Follower): number[] {
  const updates = publicationsOf(follower).map(({ data }) => data as LeaderboardUpdated);
  return updates.flatMap(({ rows }) => rows.map(({ rank }) => rank));
}

function publicationsOf({ pushes }: Follower) {
  return pushes.flatMap((push) => push.publications);
}

describe.each<LiveDriver>([socketIoDriver, webSocketDriver, sseDriver])("$name", (driver) => {
  const open: Follower[] = [];

  async function follow(token = TEST_API_KEY, view?: SubscribeInput["view"]): Promise<Follower> {
    const input = { channel: `leaderboard:${board}`, ...(view && { view }) };
    const follower = await driver.follow(node.url, token, input);
    open.push(follower);
    return follower;
  }

  beforeEach(() => async () => {
    for (const follower of open.splice(0)) await follower.close();
  });

  it("LB7, LB9: when a season closes, a watcher of its window receives `leaderboard.season_closed` once, and then the next season's updates", async () => {
    const windows = ["all", "weekly"];
    await server.call("leaderboard.configure", { board, submit: "member", windows });
    await submit("ann", 5);
    await submit("bo", 7);
    const weekly = await follow(TEST_API_KEY, { top: 10, window: "weekly" });
    const all = await follow(TEST_API_KEY, { top: 10 });
    const { season, seasonEndsAt } = subscribedOf(weekly).snapshot;
    expect(seasonEndsAt).toMatch(/T00:00:00.000Z$/);
    expect(subscribedOf(all).snapshot).toMatchObject({ season: "all", seasonEndsAt: null });
    await server.call("leaderboard.close", { board, window: "weekly" });
    await eventually(() => expect(publicationsOf(weekly).length).toBeGreaterThan(1));
    await submit("cy", 1);
    await eventually(() => expect(replicaOf(subscribedOf(weekly).snapshot, weekly.pushes).total).toBe(1));
    await eventually(() => expect(replicaOf(subscribedOf(all).snapshot, all.pushes).total).toBe(3));
    const [first, second, ...rest] = publicationsOf(weekly);
    expect(first).toMatchObject({
      event: "leaderboard.season_closed",
      data: {
        closed: { window: "weekly", season, total: 2 },
        top: [
          { member: "bo", rank: 1 },
          { member: "ann", rank: 2 },
        ],
        next: { season: `${season}.2`, endsAt: seasonEndsAt },
      },
    });
    expect(second).toMatchObject({ event: "leaderboard.updated", data: { total: 0, length: 0, rows: [] } });
    for (const { event } of [...rest, ...publicationsOf(all)]) expect(event).toBe("leaderboard.updated");
  });

  it("T4, CH2: the reply to a subscribe call has the board's state at a position, and later changes follow", async () => {
    await submit("ann", 5);
    const follower = await follow();
    expect(subscribedOf(follower)).toMatchObject({
      channel: `leaderboard:${board}`,
      recovered: false,
      position: { epoch: expect.any(String), offset: 1 },
      snapshot: { entries: [{ member: "ann", score: 5, rank: 1 }], total: 1, season: "all" },
    });
    await submit("bo", 9);
    await eventually(() => expect(publicationsOf(follower)).not.toHaveLength(0));
    expect(follower.pushes[0]).toMatchObject({
      channel: `leaderboard:${board}`,
      epoch: subscribedOf(follower).position.epoch,
      publications: [
        {
          offset: 2,
          event: "leaderboard.updated",
          data: {
            total: 2,
            length: 2,
            rows: [
              { member: "bo", rank: 1 },
              { member: "ann", rank: 2 },
            ],
          },
        },
      ],
    });
  });

  it("CH2, LB9: clients that subscribe while the board changes end with exactly the board's entries", async () => {
    const members = Array.from({ length: 15 }, (_, at) => `m${at}`);
    let isMoving = true;
    const moving = (async () => {
      for (let round = 0; isMoving; round += 1) {
        await submit(members[(round * 7) % members.length]!, (round * 31) % 17);
        if (round % 10 === 0) await server.call("leaderboard.remove", { board, member: members[round % 15] });
      }
    })();
    const followers: Follower[] = [];
    for (let at = 0; at < 12; at += 1) followers.push(await follow(TEST_API_KEY, { top: at % 2 ? 10 : 25 }));
    isMoving = false;
    await moving;
    await eventually(async () => {
      const now = await server.call("leaderboard.entries", { board, limit: 25 });
      const { entries, total } = (now as { data: OutputOf<"leaderboard.entries"> }).data;
      followers.forEach((follower, at) => {
        const replica = replicaOf(subscribedOf(follower).snapshot, follower.pushes);
        const top = at % 2 ? 10 : 25;
        expect(replica).toEqual({ entries: entries.slice(0, top), total });
        expect(ranksIn(follower).every((rank) => rank <= top)).toBe(true);
      });
    });
  });

  it("LB9, LB10: a watcher with `where` gets ranks and total of the matching entries; an undeclared field is refused", async () => {
    await server.call("leaderboard.configure", { board, submit: "member", fields: ["map"] });
    const put = (member: string, score: number, map: string) =>
      server.call("leaderboard.submit", { board, member, score, operator: "last", metadata: { map } });
    await put("ann", 5, "ice");
    await put("bo", 9, "sand");
    const where = { map: "ice" };
    const follower = await follow(TEST_API_KEY, { top: 3, where });
    const ranked = () => {
      const { entries, total } = replicaOf(subscribedOf(follower).snapshot, follower.pushes);
      return [total, ...entries.map(({ member, rank }) => `${rank} ${member}`)];
    };
    expect(ranked()).toEqual([1, "1 ann"]);
    for (const [at, member] of ["cy", "di", "ed"].entries()) await put(member, at + 1, "ice");
    await eventually(() => expect(ranked()).toEqual([4, "1 ann", "2 ed", "3 di"]));
    await server.call("leaderboard.setMetadata", { board, member: "ann", metadata: { map: "sand" } });
    await eventually(() => expect(ranked()).toEqual([3, "1 ed", "2 di", "3 cy"]));
    for (const member of ["ann", "bo", "cy", "di", "ed"])
      await server.call("leaderboard.remove", { board, member });
    await eventually(() => expect(ranked()).toEqual([0]));
    await server.call("leaderboard.configure", { board, submit: "member" });
    const unranked = await follow(TEST_API_KEY, { where: { country: "fr" } });
    expect(unranked.reply).toMatchObject({ ok: false, error: { issues: [{ path: "where" }] } });
  });

  it("T4, CH3: a channel's publications arrive in offset order, each once", async () => {
    const follower = await follow();
    for (let score = 1; score <= 60; score += 1) await submit(`m${score % 5}`, score);
    await eventually(() => expect(publicationsOf(follower).at(-1)?.offset).toBe(60));
    const offsets = publicationsOf(follower).map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
  });

  it("LB9: a watcher receives at most ten updates a second, and the last state of the board", async () => {
    const follower = await follow();
    const startedAt = performance.now();
    let submits = 0;
    while (performance.now() - startedAt < 1_000) {
      submits += 1;
      await submit("ann", submits);
    }
    const last = () => publicationsOf(follower).at(-1)?.data as { rows: { score: number }[] };
    await eventually(() => expect(last().rows[0]?.score).toBe(submits));
    const seconds = (performance.now() - startedAt) / 1_000;
    // The first update leaves at once, in addition to one update for each interval of 100 ms.
    expect(publicationsOf(follower).length).toBeLessThanOrEqual(10 * seconds + 1);
  });

  it("LB9: with `me`, a user receives its own entry as `leaderboard.me`, also when the entry is below the top", async () => {
    const { user, token } = await newGuest(node.url, "Ann");
    const scores = Array.from({ length: 12 }, (_, at) => ({ member: `m${at}`, score: 100 + at }));
    await server.call("leaderboard.submitMany", { board, scores });
    const follower = await follow(token, { me: true });
    expect(subscribedOf(follower).snapshot.me).toBeNull();
    await submit(user.id, 7);
    const mine = () =>
      publicationsOf(follower)
        .filter(({ event }) => event === "leaderboard.me")
        .map(({ data }) => (data as { entry: { rank: number } | null }).entry?.rank ?? null);
    await eventually(() => expect(mine()).toEqual([13]));
    await submit("m0", 1);
    await eventually(() => expect(mine()).toEqual([13, 12]));
    await server.call("leaderboard.remove", { board, member: user.id });
    await eventually(() => expect(mine()).toEqual([13, 12, null]));
  });

  it("when a board is deleted, a watcher with `me` receives `leaderboard.me` without an entry", async () => {
    const { user, token } = await newGuest(node.url, "Ann");
    const follower = await follow(token, { me: true });
    await submit(user.id, 7);
    const mine = () => publicationsOf(follower).filter(({ event }) => event === "leaderboard.me");
    await eventually(() => expect(mine()).toHaveLength(1));
    await server.call("leaderboard.delete", { board });
    await eventually(() => expect(mine().at(-1)?.data).toEqual({ entry: null }));
  });

  it("LB9: with `me`, a user receives its own entry at most once a second, and the last change is not lost", async () => {
    const { user, token } = await newGuest(node.url, "Ann");
    const follower = await follow(token, { me: true });
    const startedAt = performance.now();
    let score = 0;
    while (performance.now() - startedAt < 1_200) {
      score += 1;
      await submit(user.id, score);
    }
    const mine = () => publicationsOf(follower).filter(({ event }) => event === "leaderboard.me");
    await eventually(() => expect(mine().at(-1)?.data).toMatchObject({ entry: { score } }));
    expect(mine().length).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1_000);
  });

  it("a deleted board is published as empty, and a board created again has a new epoch", async () => {
    await submit("ann", 5);
    const follower = await follow();
    await server.call("leaderboard.delete", { board });
    await eventually(() =>
      expect(publicationsOf(follower).at(-1)?.data).toEqual({ total: 0, length: 0, rows: [] }),
    );
    await server.call("leaderboard.configure", { board });
    await submit("bo", 6);
    await eventually(() =>
      expect(publicationsOf(follower).at(-1)?.data).toMatchObject({ total: 1, rows: [{ member: "bo" }] }),
    );
    expect(follower.pushes.at(-1)?.epoch).not.toBe(subscribedOf(follower).position.epoch);
  });

  it.each([
    ["leaderboard:nowhere", "not_found"],
    ["chat:", "bad_request"],
    ["leaderboard", "bad_request"],
  ])("a subscription to %s is refused with %s", async (channel, code) => {
    const { reply, close } = await driver.follow(node.url, TEST_API_KEY, { channel });
    expect(reply).toMatchObject({ ok: false, error: { code } });
    await close();
  });

  it("a view with too many entries is refused, and so is a server's view with `me`", async () => {
    const { reply } = await follow(TEST_API_KEY, { top: 101 });
    expect(reply).toMatchObject({ ok: false, error: { code: "bad_request" } });
    const { reply: forServer } = await follow(TEST_API_KEY, { me: true });
    expect(forServer).toMatchObject({ ok: false, error: { issues: [{ path: "view.me" }] } });
  });
});

describe.each([
  { name: "Socket.IO", openLive: openSocketIo },
  { name: "WebSocket", openLive: openWebSocket },
])("$name", ({ openLive }) => {
  it("CH1, CH2: after channel.unsubscribe no publication arrives", async () => {
    const client = await openLive(node.url, TEST_API_KEY);
    const channel = `leaderboard:${board}`;
    await client.call("channel.subscribe", { channel });
    expect(await client.call("channel.unsubscribe", { channel })).toEqual({ ok: true, data: { channel } });
    expect(await client.call("channel.unsubscribe", { channel })).toMatchObject({
      error: { code: "not_found" },
    });
    const watcher = await webSocketDriver.follow(node.url, TEST_API_KEY, { channel });
    await submit("ann", 1);
    await eventually(() => expect(watcher.pushes).not.toHaveLength(0));
    expect(client.pushes).toEqual([]);
    await Promise.all([client.close(), watcher.close()]);
  });

  it("a second subscription to the same channel replaces the first", async () => {
    const client = await openLive(node.url, TEST_API_KEY);
    const channel = `leaderboard:${board}`;
    const replies = await Promise.all([
      client.call("channel.subscribe", { channel, view: { top: 10 } }),
      client.call("channel.subscribe", { channel, view: { top: 100 } }),
    ]);
    // The second call ends the first call's subscription before the first reply, so the first call fails.
    expect(replies.map(({ ok }) => ok)).toEqual([false, true]);
    await client.call("channel.subscribe", { channel, view: { top: 10 } });
    await submit("ann", 1);
    await eventually(() => expect(client.pushes).toHaveLength(1));
    await client.close();
  });

  it("CH8: a connection can subscribe to 128 channels; one more is `bad_request`", async () => {
    const client = await openLive(node.url, TEST_API_KEY);
    const boards = Array.from({ length: limits.channelsPerConnection + 1 }, () => freshId("board"));
    await Promise.all(boards.map((id) => server.call("leaderboard.configure", { board: id })));
    const replies = await Promise.all(
      boards.map((id) => client.call("channel.subscribe", { channel: `leaderboard:${id}` })),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(128);
    expect(replies.at(-1)).toMatchObject({ error: { code: "bad_request", issues: [{ path: "channel" }] } });
    await client.close();
  });
});
