import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import type { ChatSender } from "../load/chat-sender.js";
import type { StormClients } from "../load/storm-clients.js";
import type { MeasuredServer } from "../processes/measured-server.js";
import { RedisServer, SCRIPT_COMMANDS } from "../processes/redis-server.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import { median } from "../statistics.js";
import { DURATION } from "../targets.js";

const NODES = 2;
const CLIENTS = 5_000;
const MESSAGES_PER_SECOND = 20;
const ROOM = "storm";

export const reconnectStorm: Benchmark = {
  name: "reconnect-storm",
  ids: ["B9"],
  summary: `${CLIENTS} clients that are dropped at once and resume, while others write`,
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const count = isQuick ? 500 : CLIENTS;
  const redis = await RedisServer.start(options);
  const nodes: MeasuredServer[] = [];
  for (let at = 0; at < NODES; at += 1) nodes.push(await startGrandstand(options, redis.url));
  const urls = nodes.map(({ url }) => url);
  const clients = Worker.start<StormClients>(children, "load/storm-clients");
  const sender = Worker.start<ChatSender>(children, "load/chat-sender");
  await clients.call("connect", { urls, token: API_KEY, room: ROOM, count });
  progress(`${count} clients are there`);

  const storms = [];
  let sentSoFar = 0;
  for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
    const before = await redis.callsOf(SCRIPT_COMMANDS);
    const cpuBefore = await cpuOf(nodes);
    const sending = sender.call("sendPaced", {
      urls,
      token: API_KEY,
      room: ROOM,
      perSecond: MESSAGES_PER_SECOND,
      seconds: 8,
    });
    const clientCpuBefore = await clients.call("cpuMs", undefined);
    const storm = await clients.call("storm", undefined);
    const clientCpuMs = (await clients.call("cpuMs", undefined)) - clientCpuBefore;
    const reads = (await redis.callsOf(SCRIPT_COMMANDS)) - before;
    const cpuMs = ((await cpuOf(nodes)) - cpuBefore) / count;
    sentSoFar += await sending;
    await until("every client has every message", async () => {
      const { fewest } = await clients.call("account", undefined);
      return fewest === sentSoFar;
    });
    storms.push({ ...storm, reads, cpuMs, clientCpuShare: clientCpuMs / (storm.all * 1_000) });
    progress(`all live after ${storm.all.toFixed(2)} s, half after ${storm.half.toFixed(2)} s`);
  }
  const { most, gaps } = await clients.call("account", undefined);
  if (gaps > 0 || most > sentSoFar) throw new Error(`${gaps} gaps, ${most - sentSoFar} messages twice`);
  await clients.call("close", undefined);
  return [
    {
      id: "B9",
      what: `${count} clients dropped at once, all live again`,
      unit: "s",
      ours: storms.map(({ all }) => all),
      baseline: null,
      budget: { bound: "at most", value: 5 },
      figures: { [DURATION]: storms.map(({ all }) => all) },
      notes: {
        "half of them": `${median(storms.map(({ half }) => half)).toFixed(2)} s`,
        "messages lost, twice or out of order": "0",
        "messages meanwhile": `${MESSAGES_PER_SECOND} a second`,
        "scripts in Redis in the storm, senders included": median(storms.map(({ reads }) => reads)).toFixed(
          0,
        ),
        "CPU of the nodes for each client": `${median(storms.map(({ cpuMs }) => cpuMs)).toFixed(2)} ms`,
        "share of one core that the process of the clients took": median(
          storms.map(({ clientCpuShare }) => clientCpuShare),
        ).toFixed(2),
        "refused for the moment": median(storms.map(({ refusals }) => refusals)).toFixed(0),
      },
    },
  ];
}

async function cpuOf(nodes: MeasuredServer[]): Promise<number> {
  const times = await Promise.all(nodes.map((node) => node.cpuMs()));
  return times.reduce((sum, time) => sum + time);
}
