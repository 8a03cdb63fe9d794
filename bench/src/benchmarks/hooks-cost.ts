import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { createSession } from "../grandstand/api.js";
import { grandstandSettings, startGrandstand } from "../grandstand/node.js";
import type { ChatSendsMethods } from "../load/chat-sends.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";

const CONNECTIONS = 32;
const ROOMS = 100;
const SECRET = "hooks-of-benchmarks-41f0d7b25e83aa9c";
const BASELINE = "without hooks";

const example = (file: string) => new URL(`../../../examples/hooks/${file}`, import.meta.url);

interface Side {
  name: string;
  node: MeasuredServer;
  token: string;
}

interface Sample {
  cpuMicros: number;
  p50Ms: number;
}

export const hooksCost: Benchmark = {
  name: "hooks-cost",
  ids: ["H1", "H2"],
  summary: "CPU per call with the example's hooks in process and over HTTP, and without",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const load = Worker.start<ChatSendsMethods>(children, "load/chat-sends");
  const receiver = await MeasuredServer.start(options, example("receiver.mjs"), {
    GRANDSTAND_HOOKS_SECRET: SECRET,
  });
  const [off, inProcess, overHttp] = await Promise.all([
    startSide(BASELINE, (redisUrl) => startGrandstand(options, redisUrl)),
    startSide("in process", (redisUrl) =>
      MeasuredServer.start(options, example("node.mjs"), grandstandSettings(redisUrl)),
    ),
    startSide("over HTTP", (redisUrl) =>
      startGrandstand(options, redisUrl, [], {
        GRANDSTAND_HOOKS_URL: receiver.url,
        GRANDSTAND_HOOKS_SECRET: SECRET,
        GRANDSTAND_HOOKS: "chat.send",
      }),
    ),
  ]);

  async function startSide(
    name: string,
    start: (redisUrl: string) => Promise<MeasuredServer>,
  ): Promise<Side> {
    const redis = await RedisServer.start(options);
    const node = await start(redis.url);
    return { name, node, token: await createSession(node.url, "bench") };
  }

  const messages = isQuick ? 1_000 : 5_000;
  const sampled = async ({ name, node, token }: Side): Promise<Sample> => {
    const before = await node.cpuMs();
    const target = { url: node.url, token, connections: CONNECTIONS, messages, rooms: ROOMS };
    const { p50Ms } = await load.call("run", target);
    const cpuMicros = (((await node.cpuMs()) - before) * 1_000) / messages;
    progress(`${name}: ${cpuMicros.toFixed(1)} us a call`);
    return { cpuMicros, p50Ms };
  };

  const turns = { rounds: isQuick ? 2 : 9, warmUps: 2 };
  const finding = async (id: string, side: Side, atMost: number): Promise<Finding> => {
    const samples = await inTurns(
      options,
      turns,
      () => sampled(side),
      () => sampled(off),
    );
    const p50 = (of: Sample[]) => median(of.map(({ p50Ms }) => p50Ms)).toFixed(2);
    return {
      id,
      what: `server CPU per chat.send over a WebSocket, hooks ${side.name}`,
      unit: "us",
      ours: samples.ours.map(({ cpuMicros }) => cpuMicros),
      baseline: { name: BASELINE, values: samples.theirs.map(({ cpuMicros }) => cpuMicros) },
      budget: { bound: "at most", value: atMost },
      notes: {
        load: `${CONNECTIONS} connections, ${ROOMS} rooms`,
        "latency p50, and of the baseline": `${p50(samples.ours)} and ${p50(samples.theirs)} ms`,
      },
    };
  };
  return [await finding("H1", inProcess, 1.2), await finding("H2", overHttp, 4)];
}
