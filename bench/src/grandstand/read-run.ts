import type { Redis } from "ioredis";
import { until } from "../processes/wait.js";

/**
 * The script call that Grandstand sent to Redis for a read. The baseline, a bare server (fastify-reads.ts), repeats this call
 * with other values of one argument.
 */
export interface ReadRun {
  sha: string;
  keys: string[];
  args: string[];
  /** The index in `args` of the argument that varies between reads. */
  varied: number;
  /** The body of Grandstand's response. */
  body: string;
}

/**
 * Monitors Redis while `read` reads through Grandstand.
 * @param marked the value that `read` gives to the varied argument; no other argument has this value
 */
export async function captureRead(
  redis: Redis,
  marked: string,
  read: () => Promise<string>,
): Promise<ReadRun> {
  const monitor = await redis.monitor();
  let found: string[] | undefined;
  monitor.on("monitor", (_time: string, [command, ...args]: string[]) => {
    if (command?.toLowerCase() === "evalsha" && args.includes(marked)) found ??= args;
  });
  try {
    const body = await read();
    await until("Redis ran the script", () => found !== undefined);
    const [sha, numberOfKeys, ...rest] = found!;
    const keys = rest.slice(0, Number(numberOfKeys));
    const args = rest.slice(keys.length);
    return { sha: sha!, keys, args, varied: args.indexOf(marked), body };
  } finally {
    monitor.disconnect();
  }
}
