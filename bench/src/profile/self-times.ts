import type { Profiler } from "node:inspector";

/** The CPU time that one function took itself, without the functions that it called. */
export interface SelfTime {
  /** A file of this repository, a package, or a part of Node.js. */
  module: string;
  function: string;
  micros: number;
}

type Frame = Profiler.ProfileNode["callFrame"];

/** The self times of a CPU profile of V8, without the time in which the process waited. */
export function selfTimesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, SelfTime>();
  samples.forEach((id, at) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === "(idle)" || isProfiler(frame)) return;
    const one = { module: moduleOf(frame), function: frame.functionName || "(anonymous)" };
    const key = `${one.module} ${one.function}`;
    const micros = (times.get(key)?.micros ?? 0) + (timeDeltas[at] ?? 0);
    times.set(key, { ...one, micros });
  });
  return [...times.values()];
}

/** Whether a frame belongs to the profiler itself, which takes time when a profile starts and ends. */
function isProfiler({ url, functionName }: Frame): boolean {
  return url === "" && functionName === "dispatch";
}

function moduleOf({ url, functionName }: Frame): string {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "V8 and the system";
  // A frame without a URL is a native function, such as the write of a socket with its system call.
  if (url === "") return "native functions";
  if (url.startsWith("node:")) return "Node.js";
  const [, npm] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (npm !== undefined) return npm;
  const [, own] = /\/((?:server|shared|sdk|bench)\/dist\/.*)\.js$/.exec(url) ?? [];
  return own?.replace("/dist/", "/src/") ?? url;
}
