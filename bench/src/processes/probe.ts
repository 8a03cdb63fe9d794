import { Session } from "node:inspector/promises";
import { setTimeout } from "node:timers/promises";
import { type SelfTime, selfTimesOf } from "../profile/self-times.js";
import { serve } from "./service.js";

/**
 * What the benchmark can call in the process of each measured server (Grandstand and baselines). This module is loaded before
 * the server's program. It needs `--expose-gc`.
 */
const methods = { cpuMs, memory, startProfile, endProfile };

export type Probe = typeof methods;

serve(methods);

/** User and system CPU time since the start of the process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A collection that frees less than this counts as having freed nothing. */
const STEADY_BYTES = 256 * 1024;
const MAX_COLLECTIONS = 30;

/** Memory without garbage. V8 needs several collections to free garbage and return pages to the system. */
async function memory(): Promise<{ rssBytes: number; heapBytes: number; externalBytes: number }> {
  let last = Number.POSITIVE_INFINITY;
  for (let collection = 0, steady = 0; collection < MAX_COLLECTIONS && steady < 3; collection += 1) {
    globalThis.gc!();
    await setTimeout(50);
    const { rss } = process.memoryUsage();
    steady = last - rss < STEADY_BYTES ? steady + 1 : 0;
    last = Math.min(last, rss);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
}

const PROFILE_INTERVAL_MICROS = 500;
let session: Session | null = null;

async function startProfile(): Promise<void> {
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: PROFILE_INTERVAL_MICROS });
  await session.post("Profiler.start");
}

async function endProfile(): Promise<SelfTime[]> {
  const { profile } = await session!.post("Profiler.stop");
  session!.disconnect();
  return selfTimesOf(profile);
}
