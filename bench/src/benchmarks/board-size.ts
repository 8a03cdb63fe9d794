import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { readTop, scoresUrl } from "../grandstand/api.js";
import { createFilledBoard } from "../grandstand/filled-board.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import type { RestLoadMethods } from "../load/rest.js";
import type { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import { type InTurns, inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { MEMORY } from "../targets.js";

const SMALL = 10_000;
const MIDDLE = 1_000_000;
const LARGE = 10_000_000;
const CONNECTIONS = 32;
const SUBMITS_PER_TURN = 5_000;

interface Sample {
  /** Run time of the script per submit, measured by Redis. */
  scriptMicros: number;
  /** All CPU time of Redis per submit. */
  redisCpuMicros: number;
  p50Ms: number;
}

export const boardSize: Benchmark = {
  name: "board-size",
  ids: ["B7", "B12", "B12F"],
  summary: "Redis's time for a submit on a large board against a small one, and the memory of a member",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const middle = options.isQuick ? 100_000 : MIDDLE;
  const large = options.members ?? (options.isQuick ? 1_000_000 : LARGE);
  const memory = await memoryOf(options, middle);
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const rest = Worker.start<RestLoadMethods>(options.children, "load/rest");
  const load: Load = { options, redis, node, rest };

  await fill(load, SMALL);
  const findings = memory;
  for (const members of [middle, large]) {
    const filledSeconds = await fill(load, members);
    const samples = await compare(load, members);
    findings.push(findingOf(members, samples, { "time to fill it": `${filledSeconds.toFixed(0)} s` }));
  }
  await node.stop();
  await redis.stop();
  return findings;
}

interface Load {
  options: RunOptions;
  redis: RedisServer;
  node: MeasuredServer;
  rest: Worker<RestLoadMethods>;
}

function boardOf(members: number): string {
  return `of-${members}`;
}

/** @returns the duration in seconds. */
async function fill({ options, redis, node }: Load, members: number): Promise<number> {
  const startedAt = performance.now();
  await createFilledBoard(redis.redis, node.url, {
    board: boardOf(members),
    members,
    windows: ["all"],
    idOf: (number) => `player-${number}`,
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  options.progress(`a board of ${members} members is there, after ${seconds.toFixed(1)} s`);
  return seconds;
}

/** Measures submits in turns on the board with this number of members and on the small board. */
function compare(load: Load, members: number): Promise<InTurns<Sample>> {
  let seed = 0;
  return inTurns(
    load.options,
    { rounds: load.options.isQuick ? 5 : 15, warmUps: 2 },
    () => sampled(load, members, ++seed),
    () => sampled(load, SMALL, seed),
  );
}

async function sampled({ options, redis, node, rest }: Load, members: number, seed: number): Promise<Sample> {
  const readCounters = async () => ({
    script: (await redis.commands()).get("evalsha")!.micros,
    cpu: (await redis.cpuMs()) * 1_000,
  });
  const before = await readCounters();
  const { p50Ms } = await rest.call("run", {
    url: scoresUrl(node.url, boardOf(members)),
    token: API_KEY,
    connections: CONNECTIONS,
    requests: SUBMITS_PER_TURN,
    scoresPerRequest: null,
    members,
    seed,
  });
  const after = await readCounters();
  const scriptMicros = (after.script - before.script) / SUBMITS_PER_TURN;
  options.progress(`${members} members: ${scriptMicros.toFixed(1)} µs a submit`);
  return { scriptMicros, redisCpuMicros: (after.cpu - before.cpu) / SUBMITS_PER_TURN, p50Ms };
}

function findingOf(
  members: number,
  { ours, theirs }: InTurns<Sample>,
  notes: Record<string, string>,
): Finding {
  const both = (field: keyof Sample) =>
    [ours, theirs].map((samples) => median(samples.map((sample) => sample[field])).toFixed(1)).join(" and ");
  return {
    id: "B7",
    what: `a submit on a board of ${members.toLocaleString("en")}`,
    unit: "µs",
    ours: ours.map(({ scriptMicros }) => scriptMicros),
    baseline: {
      name: `itself, with ${SMALL.toLocaleString("en")}`,
      values: theirs.map(({ scriptMicros }) => scriptMicros),
    },
    budget: { bound: "at most", value: 2 },
    notes: {
      load: `single submits over ${CONNECTIONS} connections, each moving any member to any place; one window`,
      "all CPU of Redis for a submit, large and small": `${both("redisCpuMicros")} µs`,
      "latency p50, large and small": `${both("p50Ms")} ms`,
      ...notes,
    },
  };
}

/** Measures how many bytes a member takes in Redis, and how many more with a second window and with dense ranks. */
async function memoryOf(options: RunOptions, members: number): Promise<Finding[]> {
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const grownBy = async (work: () => Promise<unknown>) => {
    const before = await redis.usedBytes();
    await work();
    return ((await redis.usedBytes()) - before) / members;
  };
  // Member ids of 16 characters.
  const idOf = (number: number) => `player-${String(number).padStart(9, "0")}`;
  const filled = (board: string, windows: string[], fraction = 0) =>
    grownBy(() => createFilledBoard(redis.redis, node.url, { members, idOf, board, windows, fraction }));
  const oneWindow = await filled("one", ["all"]);
  const twoWindows = await filled("two", ["all", "weekly"]);
  const long = await filled("long", ["all"], 0.5);
  const bare = await grownBy(() => fillBareZset(redis, members, idOf));
  let denseMs = 0;
  const dense = await grownBy(async () => {
    const startedAt = performance.now();
    // The read is refused with `unavailable` until the distinct scores of the board are counted.
    await until("ranks are dense", async () => (await readTop(node.url, "one", 1, "dense")).total > 0, {
      timeoutMs: 60_000,
      everyMs: 1_000,
    });
    denseMs = performance.now() - startedAt;
  });
  const distinct = Number(await redis.redis.zcard((await redis.redis.keys("*{lb:one}:d:*"))[0]!));
  await node.stop();
  await redis.stop();

  const bytes = (value: number) => `${value.toFixed(0)} bytes`;
  const finding = (
    id: string,
    what: string,
    value: number,
    budget: number,
    notes: Record<string, string>,
  ): Finding => ({
    id,
    what: `a member of a board of ${members.toLocaleString("en")}, ${what}`,
    unit: "bytes",
    ours: [value],
    baseline: { name: "a bare ZSET of the same ids", values: [bare] },
    budget: { bound: "at most", value: budget },
    figures: { [MEMORY]: [value] },
    notes,
  });
  return [
    finding("B12", "integer scores", oneWindow, 1, {
      "a second window adds": bytes(twoWindows - oneWindow),
      "dense ranks add": `${bytes(dense)} a member, ${bytes((dense * members) / distinct)} for each of ${distinct.toLocaleString("en")} distinct scores; the first such read took ${(denseMs / 1_000).toFixed(1)} s, with repeats`,
    }),
    finding("B12F", "scores with fractions", long, 1.5, {}),
  ];
}

const ADDED_AT_ONCE = 1_000;

async function fillBareZset(redis: RedisServer, members: number, idOf: (number: number) => string) {
  for (let first = 0; first < members; first += ADDED_AT_ONCE) {
    const added = Array.from({ length: ADDED_AT_ONCE }, (_, at) => [
      String(((first + at) * 7919) % 1_000_000),
      idOf(first + at),
    ]);
    await redis.redis.zadd("bare", ...added.flat());
  }
}
