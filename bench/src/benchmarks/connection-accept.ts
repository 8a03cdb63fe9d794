import { signToken } from "../baselines/jwt.js";
import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { startGrandstand, TOKEN_SECRET } from "../grandstand/node.js";
import type { SubscriberMethods } from "../load/subscribers.js";
import { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer, SCRIPT_COMMANDS } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";
import { REDIS_CPU, SERVER_CPU } from "../targets.js";

const CHANNEL = "chat:lobby";
/** The Redis commands that opening a connection causes. ZMSCORE reads the times of revocations. */
const COMMANDS = [...SCRIPT_COMMANDS, "zmscore"];

const transports = [
  { id: "A1", name: "ws", subscribers: "load/ws-subscribers", baseline: "../baselines/ws-jwt-room.js" },
  {
    id: "A2",
    name: "Socket.IO",
    subscribers: "load/socketio-subscribers",
    baseline: "../baselines/socketio-jwt-room.js",
  },
];

/** The costs of one connection. A baseline, which is the server that Grandstand is compared with, uses no Redis. */
interface Sample {
  micros: number;
  redisMicros: number;
  redisCalls: number;
}

export const connectionAccept: Benchmark = {
  name: "connection-accept",
  ids: transports.map(({ id }) => id),
  summary: "CPU of a connection that authenticates with a JWT and subscribes, against plain ws and Socket.IO",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const transport of transports) findings.push(await compare(options, transport));
  return findings;
}

async function compare(options: RunOptions, transport: (typeof transports)[number]): Promise<Finding> {
  const { children, isQuick, progress } = options;
  const connections = isQuick ? 200 : 1_000;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const baseline = await MeasuredServer.start(options, new URL(transport.baseline, import.meta.url), {
    TOKEN_SECRET,
  });

  let users = 0;
  /** @returns the CPU time of the server for each connection, in microseconds */
  const turn = async (server: MeasuredServer): Promise<number> => {
    // Each connection belongs to a user of its own, whose token is new to the server.
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const tokens = Array.from({ length: connections }, () =>
      signToken({ sub: `user-${users++}`, name: "A user", exp }, TOKEN_SECRET),
    );
    const clients = Worker.start<SubscriberMethods>(children, transport.subscribers);
    const before = await server.cpuMs();
    await clients.call("connect", { url: server.url, tokens, channel: CHANNEL });
    const micros = ((await server.cpuMs()) - before) * 1_000;
    await children.stop(clients.child);
    return micros / connections;
  };
  const ours = async (): Promise<Sample> => {
    const before = { cpu: await redis.cpuMs(), calls: await redis.callsOf(COMMANDS) };
    const micros = await turn(node);
    progress(`${transport.name}: ${micros.toFixed(0)} us a connection`);
    return {
      micros,
      redisMicros: (((await redis.cpuMs()) - before.cpu) * 1_000) / connections,
      redisCalls: ((await redis.callsOf(COMMANDS)) - before.calls) / connections,
    };
  };
  const theirs = async (): Promise<Sample> => ({
    micros: await turn(baseline),
    redisMicros: 0,
    redisCalls: 0,
  });
  const samples = await inTurns(options, { rounds: isQuick ? 1 : 5, warmUps: isQuick ? 0 : 2 }, ours, theirs);
  for (const server of [node, baseline]) await server.stop();
  await redis.stop();
  return {
    id: transport.id,
    what: `CPU of a ${transport.name} connection, a JWT and a subscription`,
    unit: "us",
    ours: samples.ours.map(({ micros }) => micros),
    baseline: { name: `plain ${transport.name}`, values: samples.theirs.map(({ micros }) => micros) },
    budget: { bound: "at most", value: 1.5 },
    figures: {
      [SERVER_CPU]: samples.ours.map(({ micros }) => micros),
      [REDIS_CPU]: samples.ours.map(({ redisMicros }) => redisMicros),
    },
    notes: {
      load: `${connections} connections a turn, 50 at a time; each a user of its own`,
      "commands to Redis for each connection": median(
        samples.ours.map(({ redisCalls }) => redisCalls),
      ).toFixed(2),
      "CPU of Redis for each connection": `${median(samples.ours.map(({ redisMicros }) => redisMicros)).toFixed(0)} us`,
    },
  };
}
