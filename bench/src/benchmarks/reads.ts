import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Budget, Finding } from "../finding.js";
import { createFilledBoard } from "../grandstand/filled-board.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import { captureRead, type ReadRun } from "../grandstand/read-run.js";
import type { ReadsMethods } from "../load/reads.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { REDIS_CPU, SERVER_CPU } from "../targets.js";

const BOARD = "read";
const MEMBERS = 100_000;
const CONNECTIONS = 32;
const PAGE = 100;
/** How many different pages are read in turn. A node caches only 1,000 pages, so no page is read from the cache. */
const PAGES = 5_000;
/**
 * The number of members whose surrounding entries are read in turn. A node caches fewer replies than this, so no reply comes
 * from the cache.
 */
const LOOKED_AROUND = 2_000;
const BASELINE = "bare Fastify route";

const baselineProgram = new URL("../baselines/fastify-reads.js", import.meta.url);

interface Sample {
  cpuMicros: number;
  redisMicros: number;
  perSecond: number;
}

interface Read {
  id: string;
  what: string;
  /** Values of the argument that varies between reads. */
  values: string[];
  pathOf(value: string): string;
  /** The request has the header `If-None-Match`, and the board does not change. */
  isConditional?: true;
  budget: Budget;
}

const entries = `/v1/leaderboards/${BOARD}/entries`;
const page = (offset: string) => `${entries}?limit=${PAGE}&offset=${offset}`;

const reads: Read[] = [
  {
    id: "B11",
    what: `a page of ${PAGE} entries, each time another one`,
    values: Array.from({ length: PAGES }, (_, at) => `${at}`),
    pathOf: page,
    budget: { bound: "at most", value: 1.3 },
  },
  {
    id: "B11E",
    what: `top ${PAGE} of an unchanged board, with If-None-Match`,
    values: ["0"],
    pathOf: page,
    isConditional: true,
    budget: { bound: "at most", value: 0.3 },
  },
  {
    id: "R1",
    what: `top ${PAGE} of an unchanged board`,
    values: ["0"],
    pathOf: page,
    budget: { bound: "at most", value: 0.5 },
  },
  {
    id: "R2",
    what: "21 entries around a member, each time another one",
    values: Array.from({ length: LOOKED_AROUND }, (_, at) => memberAt(at * 7)),
    pathOf: (member) => `${entries}/${member}/around?radius=10`,
    budget: { bound: "at most", value: 1.5 },
  },
];

export const boardPages: Benchmark = {
  name: "reads",
  ids: ["B11", "B11E", "R1", "R2"],
  summary: "server CPU of a read over REST, against a bare Fastify route that runs the same script",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  await createFilledBoard(redis.redis, node.url, {
    board: BOARD,
    members: MEMBERS,
    windows: ["all"],
    idOf: memberAt,
    profileFormat: '{"name":"Player %d","avatar":"https://example.com/avatars/%d.png"}',
  });
  const runs: Record<string, ReadRun> = {};
  for (const [at, { pathOf, values }] of reads.entries()) {
    // The first run of a script on a connection may be an EVAL with the script's text. `captureRead` finds only an EVALSHA.
    // So this read runs the script before the captured read does.
    await read(`${node.url}${pathOf(values.at(-1)!)}`);
    // `marked` is a value that no earlier read had, so the node has not cached the reply.
    const marked = values.length === 1 ? `${77_770 + at}` : values.at(-2)!;
    const url = `${node.url}${pathOf(marked)}`;
    runs[at] = await captureRead(redis.redis, marked, async () => (await read(url)).body);
  }
  const baseline = await MeasuredServer.start(options, baselineProgram, {
    REDIS_URL: redis.url,
    READ_RUNS: JSON.stringify(runs),
  });
  const load = Worker.start<ReadsMethods>(children, "load/reads");
  const requests = isQuick ? 1_000 : 4_000;

  const sampled = async (
    server: MeasuredServer,
    paths: string[],
    headers: Record<string, string>,
    status: 200 | 304,
  ): Promise<Sample> => {
    const [cpuBefore, redisBefore] = [await server.cpuMs(), await redis.cpuMs()];
    const connections = CONNECTIONS;
    const seconds = await load.call("run", {
      url: server.url,
      headers,
      paths,
      connections,
      requests,
      status,
    });
    const cpuMs = (await server.cpuMs()) - cpuBefore;
    const redisMs = (await redis.cpuMs()) - redisBefore;
    return {
      cpuMicros: (cpuMs * 1_000) / requests,
      redisMicros: (redisMs * 1_000) / requests,
      perSecond: requests / seconds,
    };
  };

  const findings: Finding[] = [];
  for (const [at, { id, what, values, pathOf, isConditional, budget }] of reads.entries()) {
    progress(what);
    const paths = values.map(pathOf);
    const { etag } = isConditional ? await read(`${node.url}${paths[0]}`) : { etag: null };
    const headers = { authorization: `Bearer ${API_KEY}`, ...(etag !== null && { "if-none-match": etag }) };
    const samples = await inTurns(
      options,
      { rounds: isQuick ? 3 : 9, warmUps: 2 },
      () => sampled(node, paths, headers, isConditional ? 304 : 200),
      () =>
        sampled(
          baseline,
          values.map((value) => `/${at}/${value}`),
          {},
          200,
        ),
    );
    const middle = (of: Sample[], field: keyof Sample) => median(of.map((sample) => sample[field]));
    const both = (field: keyof Sample) =>
      `${middle(samples.ours, field).toFixed(0)} and ${middle(samples.theirs, field).toFixed(0)}`;
    findings.push({
      id,
      what,
      unit: "us",
      ours: samples.ours.map(({ cpuMicros }) => cpuMicros),
      baseline: { name: BASELINE, values: samples.theirs.map(({ cpuMicros }) => cpuMicros) },
      budget,
      figures: {
        [SERVER_CPU]: samples.ours.map(({ cpuMicros }) => cpuMicros),
        [REDIS_CPU]: samples.ours.map(({ redisMicros }) => redisMicros),
      },
      notes: {
        load: `${CONNECTIONS} connections, ${MEMBERS} members, answers of ${runs[at]!.body.length} bytes`,
        "CPU of Redis": `${both("redisMicros")} µs a read`,
        reads: `${both("perSecond")} a second`,
      },
    });
  }
  await node.stop();
  await redis.stop();
  return findings;
}

/**
 * The id of a member. `storedId` (server/src/domains/leaderboard/stored-id.ts) leaves an id with a full stop unchanged, so
 * the script's argument is the id itself.
 */
function memberAt(number: number): string {
  return `player.${String(number).padStart(8, "0")}`;
}

async function read(url: string): Promise<{ body: string; etag: string | null }> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${API_KEY}` } });
  const body = await response.text();
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${body}`);
  return { body, etag: response.headers.get("etag") };
}
