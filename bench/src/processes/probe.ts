import { setTimeout } from "node:timers/promises";
import { serve } from "./service.js";

/**
 * Loaded before the program of each measured server, Grandstand's and the peers' alike: tells the benchmark
 * what the process has used. Needs `--expose-gc`.
 */
const methods = { cpuMs, memory };

export type Probe = typeof methods;

serve(methods);

/** User and system time since the start. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** How much less one more collection must free to count as nothing. */
const NOTHING_BYTES = 256 * 1024;
const MOST_COLLECTIONS = 30;

/** Memory once the garbage is gone: V8 frees it and gives pages back over several collections. */
async function memory(): Promise<{ rssBytes: number; heapBytes: number; externalBytes: number }> {
  let last = Number.POSITIVE_INFINITY;
  for (let collection = 0, steady = 0; collection < MOST_COLLECTIONS && steady < 3; collection += 1) {
    globalThis.gc!();
    await setTimeout(50);
    const { rss } = process.memoryUsage();
    steady = last - rss < NOTHING_BYTES ? steady + 1 : 0;
    last = Math.min(last, rss);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
}
