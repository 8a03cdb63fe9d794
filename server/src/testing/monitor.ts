import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { eventually } from "./eventually.js";

/** What Redis executes while `run` runs, as MONITOR prints it, of every client and script. */
export async function monitor(redis: Redis, run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const watching = await redis.monitor();
  watching.on("monitor", (_time: string, args: string[], source: string) =>
    lines.push(`[${source}] ${args.map((arg) => JSON.stringify(arg)).join(" ")}`),
  );
  await run();
  // MONITOR's output is behind: a mark of our own shows that all before it has come.
  const mark = randomUUID();
  await redis.echo(mark);
  await eventually(() => {
    if (!lines.some((line) => line.includes(mark))) throw new Error("MONITOR has not caught up");
  });
  watching.disconnect();
  return lines;
}
