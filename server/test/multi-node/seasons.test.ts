import type { OutputOf } from "@grandstand/shared/contract";
import type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { Keys } from "../../src/redis/keys.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";
import { redisClient } from "../support/redis-client.js";

const prefix = freshPrefix();
const keys = new Keys(prefix);
const rounds = { name: "rounds", cron: "*/2 * * * * *" };

let redis: Redis;
let nodes: NodeProcess[];
let clients: Client[];

beforeAll(async () => {
  const redisUrl = inject("redisUrl");
  redis = redisClient();
  nodes = await Promise.all(Array.from({ length: 4 }, () => startNode({ redisUrl, prefix })));
  clients = await Promise.all(nodes.map(({ url }) => restDriver.open(url, TEST_API_KEY)));
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  redis.disconnect();
});

function closingsOf({ pushes }: Follower): LeaderboardSeasonClosed[] {
  return pushes
    .flatMap(({ publications }) => publications)
    .filter(({ event }) => event === "leaderboard.season_closed")
    .map(({ data }) => data as LeaderboardSeasonClosed);
}

it("LB7: with four nodes, of which one is killed, each season closes once, and no acknowledged submit is lost", async () => {
  const board = freshId("board");
  const windows = [rounds, "all"];
  await clients[0]!.call("leaderboard.configure", { board, windows, retainSeasons: 100 });
  const view = { window: rounds.name, top: 10 };
  const drivers = [socketIoDriver, webSocketDriver, sseDriver, webSocketDriver];
  const followers = await Promise.all(
    drivers.map((driver, at) =>
      driver.follow(nodes[at]!.url, TEST_API_KEY, { channel: `leaderboard:${board}`, view }),
    ),
  );
  /** For each season, the members whose submits were acknowledged as part of that season. */
  const acknowledged = new Map<string, string[]>();
  let submits = 0;
  let isOver = false;
  const write = async (client: Client) => {
    while (!isOver) {
      submits += 1;
      const member = `m${submits}`;
      const ack = await client
        .call("leaderboard.submit", { board, member, score: submits % 50 })
        .catch(() => null);
      // No reply: the node was killed.
      if (ack === null) return;
      if (!ack.ok) throw new Error(JSON.stringify(ack.error));
      const { season } = (ack.data as OutputOf<"leaderboard.submit">).windows.rounds!;
      acknowledged.set(season, [...(acknowledged.get(season) ?? []), member]);
    }
  };
  const writers = [...clients, ...clients].map(write);
  await eventually(() => expect(acknowledged.size).toBeGreaterThan(1));
  await nodes[3]!.kill();
  await eventually(() => expect(acknowledged.size).toBeGreaterThan(3));
  isOver = true;
  await Promise.all(writers);

  const survivors = followers.slice(0, 3);
  // The last season is closed too, although no further call follows.
  const last = [...acknowledged.keys()].sort().at(-1)!;
  for (const follower of survivors) {
    await eventually(() => expect(closingsOf(follower).map(({ closed }) => closed.season)).toContain(last));
  }
  for (const [season, members] of acknowledged) {
    const final = await scroll(board, season);
    expect(final.map(({ member }) => member)).toEqual(expect.arrayContaining(members));
    for (const follower of survivors) {
      const closings = closingsOf(follower).filter(({ closed }) => closed.season === season);
      expect(closings).toHaveLength(1);
      expect(closings[0]!.closed.total).toBe(final.length);
      expect(closings[0]!.top).toEqual(final.slice(0, 100));
    }
  }
  for (const follower of survivors) {
    const closings = closingsOf(follower);
    closings.slice(1).forEach(({ closed }, at) => {
      expect(closed.season).toBe(closings[at]!.next.season);
    });
    await follower.close();
  }
  await followers[3]!.close();
});

async function scroll(board: string, season: string) {
  const entries: OutputOf<"leaderboard.entries">["entries"] = [];
  let cursor: string | undefined;
  do {
    const input = { board, limit: 500, window: rounds.name, season, ...(cursor && { cursor }) };
    const ack = await clients[0]!.call("leaderboard.entries", input);
    if (!ack.ok) throw new Error(JSON.stringify(ack.error));
    const page = ack.data as OutputOf<"leaderboard.entries">;
    entries.push(...page.entries);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}

it("LB7: seasons without any call are closed by jobs, one after the other", async () => {
  const board = freshId("board");
  await clients[0]!.call("leaderboard.configure", { board, windows: [rounds] });
  await eventually(async () => {
    const seasons = await redis.hvals(keys.board(board).seasons);
    // Each text is "<start> <end> <closed at> ...". In an open season, the third number is negative.
    expect(seasons.filter((text) => !text.split(" ")[2]!.startsWith("-")).length).toBeGreaterThan(1);
  });
});
