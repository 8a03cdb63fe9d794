import type { Benchmark, RunOptions } from "../benchmark.js";
import type { Finding } from "../finding.js";
import { API_KEY, startGrandstand } from "../grandstand/node.js";
import type { CounterAdds, CounterAddsMethods } from "../load/counter-adds.js";
import { RedisServer } from "../processes/redis-server.js";
import { Worker } from "../processes/worker.js";
import { inTurns } from "../rounds.js";
import { median } from "../statistics.js";

/** With so many counters, two adds to the same counter hardly ever arrive within 10 ms, so adds are not batched. */
const SEPARATE = 4_000;
const CONNECTIONS = 256;
/** Longer than the 10 ms of a batch, so that the counter is idle before each add. */
const LONE_REST_MS = 15;

interface Sample {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  writesPerSecond: number;
  cpuMicros: number;
  redisCpuMicros: number;
}

export const counterAdds: Benchmark = {
  name: "counter-adds",
  ids: ["CN3", "C1", "C2", "C3"],
  summary:
    "adds to one hot counter: their number a second, the writes in Redis, and how long a lone add waits",
  run,
};

async function run(options: RunOptions): Promise<Finding[]> {
  const { children, isQuick, progress } = options;
  const redis = await RedisServer.start(options);
  const node = await startGrandstand(options, redis.url);
  const load = Worker.start<CounterAddsMethods>(children, "load/counter-adds");

  let seed = 0;
  const sampled = async (
    name: string,
    wanted: Pick<CounterAdds, "counters"> & Partial<CounterAdds>,
  ): Promise<Sample> => {
    const adds = wanted.adds ?? (isQuick ? 10_000 : 30_000);
    const [before, cpuBefore, redisCpuBefore] = await Promise.all([
      redis.commands(),
      node.cpuMs(),
      redis.cpuMs(),
    ]);
    seed += 1;
    const { seconds, p50Ms, p99Ms } = await load.call("run", {
      url: node.url,
      token: API_KEY,
      connections: CONNECTIONS,
      restMs: 0,
      isKeyed: false,
      seed,
      ...wanted,
      adds,
    });
    const [after, cpuMs, redisCpuMs] = await Promise.all([redis.commands(), node.cpuMs(), redis.cpuMs()]);
    // Each script run writes the state of the counter with one HSET, and the replies of all idempotency keys with another.
    const hashWrites = (commands: typeof before) => commands.get("hset")?.calls ?? 0;
    const writes = hashWrites(after) - hashWrites(before);
    const sample: Sample = {
      perSecond: adds / seconds,
      p50Ms,
      p99Ms,
      writesPerSecond: writes / seconds,
      cpuMicros: ((cpuMs - cpuBefore) * 1_000) / adds,
      redisCpuMicros: ((redisCpuMs - redisCpuBefore) * 1_000) / adds,
    };
    progress(
      `${name}: ${Math.round(sample.perSecond)} adds/s, ${Math.round(sample.writesPerSecond)} writes/s, p50 ${p50Ms.toFixed(2)} ms`,
    );
    return sample;
  };

  const rounds = isQuick ? 3 : 9;
  const hot = await inTurns(
    options,
    { rounds, warmUps: 1 },
    () => sampled("one counter", { counters: 1 }),
    () => sampled("separate counters", { counters: SEPARATE }),
  );
  const keyed = await inTurns(
    options,
    { rounds, warmUps: 1 },
    () => sampled("one counter, with keys", { counters: 1, isKeyed: true }),
    () => sampled("one counter, without", { counters: 1 }),
  );
  const lone = { connections: 1, restMs: LONE_REST_MS, adds: isQuick ? 50 : 200 };
  const alone = await inTurns(
    options,
    { rounds, warmUps: 1 },
    () => sampled("lone adds", { ...lone, counters: 1 }),
    () => sampled("lone adds, separate counters", { ...lone, counters: SEPARATE }),
  );
  await node.stop();
  await redis.stop();

  const middle = (of: Sample[], field: keyof Sample) => median(of.map((sample) => sample[field]));
  const both = ({ ours, theirs }: typeof hot, field: keyof Sample) =>
    `${middle(ours, field).toFixed(2)} and ${middle(theirs, field).toFixed(2)}`;
  const values = (of: Sample[], field: keyof Sample) => of.map((sample) => sample[field]);
  return [
    {
      id: "CN3",
      what: "writes to a hot counter",
      unit: "/s",
      ours: values(hot.ours, "writesPerSecond"),
      baseline: null,
      // In one second: a write every 10 ms, plus the write of the first add, which does not wait.
      budget: { bound: "at most", value: 101 },
      notes: {
        load: `${Math.round(middle(hot.ours, "perSecond"))} adds a second over ${CONNECTIONS} connections`,
      },
    },
    {
      id: "C1",
      what: "adds to one hot counter",
      unit: "/s",
      ours: values(hot.ours, "perSecond"),
      baseline: { name: `to ${SEPARATE} counters`, values: values(hot.theirs, "perSecond") },
      budget: { bound: "at least", value: 0.9 },
      notes: {
        "CPU of Grandstand": `${both(hot, "cpuMicros")} µs an add`,
        "CPU of Redis": `${both(hot, "redisCpuMicros")} µs an add`,
        "latency p50": `${both(hot, "p50Ms")} ms`,
        "latency p99": `${both(hot, "p99Ms")} ms`,
      },
    },
    {
      id: "C2",
      what: "adds with idempotency keys",
      unit: "/s",
      ours: values(keyed.ours, "perSecond"),
      baseline: { name: "without keys", values: values(keyed.theirs, "perSecond") },
      budget: { bound: "at least", value: 0.7 },
      notes: {
        "CPU of Redis": `${both(keyed, "redisCpuMicros")} µs an add`,
        writes: `${both(keyed, "writesPerSecond")} a second`,
      },
    },
    {
      id: "C3",
      what: "latency of a lone add, p50",
      unit: "ms",
      ours: values(alone.ours, "p50Ms"),
      baseline: { name: `to ${SEPARATE} counters`, values: values(alone.theirs, "p50Ms") },
      budget: { bound: "at most", value: 1.25 },
      notes: { "latency p99": `${both(alone, "p99Ms")} ms` },
    },
  ];
}
