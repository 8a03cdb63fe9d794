import { setTimeout } from "node:timers/promises";
import { createClient } from "@grandstand/sdk";
import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createBoard, readTop, submitMany } from "../grandstand/api.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import type { PacedSubmits } from "../load/paced-submits.js";
import { firstScores } from "../load/scores.js";
import type { SubscriberMethods } from "../load/subscribers.js";
import { RedisServer } from "../processes/redis-server.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import { median } from "../statistics.js";

const BOARD = "watched";
const WATCHERS = 1_000;
const CLIENT_PROCESSES = 2;
const SCORES_PER_SECOND = 5_000;
const SCORES_PER_BATCH = 100;
/** So few members that the top changes in nearly every interval of 100 ms. A node reads the board once per interval. */
const MEMBERS = 1_000;
const TOP = 10;
const SETTLE_MS = 1_000;

interface Round {
  readsPerSecond: number;
  pushesPerWatcher: number;
  submitsPerSecond: number;
  /** CPU time as a share of one core. */
  cpuShare: number;
}

export const boardReads: Benchmark = {
  name: "board-reads",
  ids: ["B8"],
  summary: `Redis reads a second of a board with ${WATCHERS} watchers at ${SCORES_PER_SECOND} submits a second`,
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  await createBoard(node.url, BOARD);
  await submitMany(node.url, BOARD, firstScores(MEMBERS));

  const client = createClient({ url: node.url, token: API_KEY });
  const sampled = client.leaderboard(BOARD).live({ top: TOP });
  sampled.subscribe(() => {});
  await until("the sampled watcher is live", () => sampled.get().status === "live");
  const clients = Array.from({ length: CLIENT_PROCESSES }, () =>
    Worker.start<SubscriberMethods>(children, "load/socketio-subscribers"),
  );
  const tokens = Array<string>(WATCHERS / CLIENT_PROCESSES).fill(API_KEY);
  const channel = `leaderboard:${BOARD}`;
  await Promise.all(clients.map((client) => client.call("connect", { url: node.url, channel, tokens })));
  progress(`${WATCHERS} watchers are there`);
  const submits = Worker.start<PacedSubmits>(children, "load/paced-submits");
  await submits.call("start", {
    url: node.url,
    board: BOARD,
    scoresPerSecond: SCORES_PER_SECOND,
    scoresPerBatch: SCORES_PER_BATCH,
    members: MEMBERS,
  });
  await setTimeout(SETTLE_MS);

  const readCounters = async () => {
    const [commands, received, submitted, cpuMs] = await Promise.all([
      redis.commands(),
      Promise.all(clients.map((one) => one.call("received", undefined))),
      submits.call("submitted", undefined),
      node.cpuMs(),
    ]);
    return {
      at: performance.now(),
      reads: rangeReads(commands),
      pushes: received.reduce((sum, count) => sum + count, 0),
      submitted,
      cpuMs,
    };
  };
  const rounds: Round[] = [];
  for (let round = 0; round < (isQuick ? 3 : 5); round += 1) {
    const before = await readCounters();
    await setTimeout(isQuick ? 2_000 : 5_000);
    const after = await readCounters();
    const seconds = (after.at - before.at) / 1_000;
    const sample: Round = {
      readsPerSecond: (after.reads - before.reads) / seconds,
      pushesPerWatcher: (after.pushes - before.pushes) / seconds / WATCHERS,
      submitsPerSecond: (after.submitted - before.submitted) / seconds,
      cpuShare: (after.cpuMs - before.cpuMs) / (after.at - before.at),
    };
    progress(
      `${sample.readsPerSecond.toFixed(1)} reads/s at ${Math.round(sample.submitsPerSecond)} submits/s`,
    );
    rounds.push(sample);
  }
  await submits.call("stop", undefined);
  const stoppedAt = performance.now();
  // No submits are left, so this is the board's final state.
  const { entries } = await readTop(node.url, BOARD, TOP);
  await until(
    "the sampled watcher has the board's final state",
    () => JSON.stringify(sampled.get().entries) === JSON.stringify(entries),
    { everyMs: 5 },
  );
  const agreedMs = performance.now() - stoppedAt;
  client.close();
  await node.stop();
  await redis.stop();

  const middle = (field: keyof Round) => median(rounds.map((sample) => sample[field]));
  return [
    {
      id: "B8",
      what: `reads of a board with ${WATCHERS} watchers`,
      unit: "/s",
      ours: rounds.map(({ readsPerSecond }) => readsPerSecond),
      baseline: null,
      budget: { bound: "at most", value: 11 },
      notes: {
        load: `${Math.round(middle("submitsPerSecond"))} submits a second, of ${MEMBERS} members, in batches of ${SCORES_PER_BATCH}`,
        "updates of each watcher": `${middle("pushesPerWatcher").toFixed(1)} a second`,
        "CPU of Grandstand": `${(middle("cpuShare") * 100).toFixed(0)} % of a core`,
        "final state of a sampled watcher": `the board's, ${Math.round(agreedMs)} ms after the last submit`,
      },
    },
  ];
}

/** Each read of the top of a board is one ZRANGE or ZREVRANGE, whichever script makes it. */
function rangeReads(commands: Map<string, { calls: number }>): number {
  return (commands.get("zrange")?.calls ?? 0) + (commands.get("zrevrange")?.calls ?? 0);
}
