import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Curve, Finding } from "../finding.js";
import { createBoard, createSession, scoresUrl, submitMany } from "../grandstand/api.js";
import { createFilledBoard } from "../grandstand/filled-board.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { ChatCrowd } from "../load/chat-crowd.js";
import { inBatches } from "../load/in-batches.js";
import type { RestLoadMethods } from "../load/rest.js";
import { firstScores } from "../load/scores.js";
import type { SubscriberMethods } from "../load/subscribers.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { median } from "../statistics.js";

const SUBMITS = 4_000;
const SUBMIT_ROUNDS = 5;
const BOARD_SIZES = [10_000, 100_000, 1_000_000];
const CROWD_SIZES = [10, 100, 1_000, 10_000];
const CONNECTION_COUNTS = [100, 1_000, 4_000, 16_000];
/** A larger crowd gets fewer messages a second, so that there are no more deliveries than the node can do. */
const DELIVERIES_PER_SECOND = 20_000;
const MAX_MESSAGES_PER_SECOND = 100;
const BOARD = "watched";

export const growth: Benchmark = {
  name: "growth",
  ids: ["G1", "G2", "G3"],
  summary:
    "how costs grow: of a submit with the size of the board, of a delivery and of a connection with their number",
  run: async (options) => [
    await boardGrowth(options),
    await crowdGrowth(options),
    await connectionGrowth(options),
  ],
};

/** Redis's time for a submit, by the size of the board. */
async function boardGrowth(options: RunOptions): Promise<Finding> {
  const sizes = options.isQuick ? BOARD_SIZES.slice(0, 2) : BOARD_SIZES;
  if (options.members !== null && options.members > sizes.at(-1)!) sizes.push(options.members);
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const rest = Worker.start<RestLoadMethods>(options.children, "load/rest");
  const rounds: number[][] = [];
  for (const members of sizes) {
    const board = `of-${members}`;
    await createFilledBoard(redis.redis, node.url, {
      board,
      members,
      windows: ["all"],
      idOf: (number) => `player-${number}`,
    });
    const costs: number[] = [];
    for (let seed = 0; seed <= SUBMIT_ROUNDS; seed += 1) {
      const before = (await redis.commands()).get("evalsha")!.micros;
      const load = { url: scoresUrl(node.url, board), token: API_KEY, connections: 32, requests: SUBMITS };
      await rest.call("run", { ...load, scoresPerRequest: null, members, seed });
      costs.push(((await redis.commands()).get("evalsha")!.micros - before) / SUBMITS);
    }
    // The first round is left out, because it fills caches.
    const measured = costs.slice(1);
    rounds.push(measured);
    options.progress(`${members} members: ${median(measured).toFixed(1)} µs a submit`);
  }
  await node.stop();
  await redis.stop();
  return findingOf("G1", rounds, 2, {
    size: "entries of the board",
    cost: "Redis's time for a submit",
    unit: "µs",
    points: sizes.map((size, at) => ({ size, cost: median(rounds[at]!) })),
  });
}

/** CPU of a node for each delivered message, by the number of subscribers of the room. */
async function crowdGrowth(options: RunOptions): Promise<Finding> {
  const sizes = options.isQuick ? CROWD_SIZES.slice(0, 2) : CROWD_SIZES;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const crowd = new ChatCrowd(options.children, [node.url]);
  const rounds: number[][] = [];
  let connected = 0;
  for (const size of sizes) {
    await crowd.connect(size - connected);
    connected = size;
    const perSecond = Math.min(
      MAX_MESSAGES_PER_SECOND,
      Math.max(2, Math.round(DELIVERIES_PER_SECOND / size)),
    );
    const costs: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const before = await node.cpuMs();
      const sent = await crowd.send(perSecond, 3);
      costs.push((((await node.cpuMs()) - before) * 1_000) / (sent * size));
    }
    const measured = costs.slice(1);
    rounds.push(measured);
    options.progress(`${size} subscribers: ${median(measured).toFixed(1)} µs a delivery`);
  }
  await node.stop();
  await redis.stop();
  return findingOf("G2", rounds, 1, {
    size: "subscribers of the room",
    cost: "CPU of the node for a delivery, that of accepting the message included",
    unit: "µs",
    points: sizes.map((size, at) => ({ size, cost: median(rounds[at]!) })),
  });
}

/** Resident memory of a node for each connection, by the number of connections. */
async function connectionGrowth(options: RunOptions): Promise<Finding> {
  const { children } = options;
  const counts = options.isQuick ? CONNECTION_COUNTS.slice(0, 2) : CONNECTION_COUNTS;
  const redis = await RedisServer.start(options);
  const helper = await startGrandstand(options, redis.url);
  await createBoard(helper.url, BOARD);
  await submitMany(helper.url, BOARD, firstScores(100));
  const names = Array.from({ length: counts.at(-1)! }, (_, at) => `Guest ${at}`);
  const tokens = await inBatches(names, (name) => createSession(helper.url, name));
  await helper.stop();
  const node = await startGrandstand(options, redis.url, [
    "--max-semi-space-size=1",
    "--compact-on-every-full-gc",
  ]);
  const client = Worker.start<SubscriberMethods>(children, "load/ws-subscribers");
  const channel = `leaderboard:${BOARD}`;
  await client.call("connect", { url: node.url, channel, tokens: tokens.slice(0, 1) });
  const empty = (await node.memory()).rssBytes;
  const rounds: number[][] = [];
  let connected = 1;
  for (const count of counts) {
    await client.call("connect", { url: node.url, channel, tokens: tokens.slice(connected, count) });
    connected = count;
    rounds.push([((await node.memory()).rssBytes - empty) / count / 1_024]);
    options.progress(`${count} connections: ${rounds.at(-1)![0]!.toFixed(1)} KiB each`);
  }
  await node.stop();
  await redis.stop();
  return findingOf("G3", rounds, 1.25, {
    size: "subscribed connections, plain WebSocket",
    cost: "resident memory that each connection adds to an empty node",
    unit: "KiB",
    points: counts.map((size, at) => ({ size, cost: rounds[at]![0]! })),
  });
}

/** Compares the largest size with the smallest one. @param most the greatest ratio that is allowed */
function findingOf(id: string, rounds: number[][], most: number, curve: Curve): Finding {
  const [first, last] = [curve.points[0]!, curve.points.at(-1)!];
  return {
    id,
    what: `${curve.cost}, with ${last.size.toLocaleString("en")} ${curve.size}`,
    unit: curve.unit,
    ours: rounds.at(-1)!,
    baseline: { name: `itself, with ${first.size.toLocaleString("en")}`, values: rounds[0]! },
    budget: { bound: "at most", value: most },
    notes: {
      "at each size": curve.points
        .map(({ size, cost }) => `${size.toLocaleString("en")}: ${cost.toFixed(1)}`)
        .join(", "),
    },
    curve,
  };
}
