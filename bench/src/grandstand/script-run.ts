import type { Redis } from "ioredis";
import type { Score } from "../load/scores.js";
import { until } from "../processes/wait.js";

/**
 * A script call that Grandstand sent to Redis. Benchmarks compare Grandstand with simpler software that runs the same
 * script with other scores. That software copies all other arguments, and need not know what they mean.
 */
export interface ScriptRun {
  sha: string;
  keys: string[];
  /** The arguments before those of the first score. */
  head: string[];
  /** The arguments of each score. */
  perScore: string[];
  scoresPerRun: number;
}

/**
 * A score and member ids that occur in no other argument, so they can be found among the arguments. The full stop keeps
 * the server from packing the id into fewer bytes (`storedId` in stored-id.ts).
 */
const MARKED_SCORE = 123_454_321;
const markedMember = (at: number) => `marked.${at}`;

export function markedScores(count: number): Score[] {
  return Array.from({ length: count }, (_, at) => ({ member: markedMember(at), score: MARKED_SCORE }));
}

/**
 * Monitors Redis while `submit` submits `markedScores` through Grandstand.
 * @returns the script call that contains the first of these scores.
 */
export async function captureRun(redis: Redis, submit: () => Promise<void>): Promise<ScriptRun> {
  // The first call of a script may be EVAL with its text; the second one is always EVALSHA.
  await submit();
  const monitor = await redis.monitor();
  let found: string[] | undefined;
  monitor.on("monitor", (_time: string, [command, ...args]: string[]) => {
    if (command?.toLowerCase() === "evalsha" && args.includes(markedMember(0))) found ??= args;
  });
  try {
    await submit();
    await until("Redis ran the script", () => found !== undefined);
  } finally {
    monitor.disconnect();
  }
  return parsed(found!);
}

function parsed([sha, numberOfKeys, ...rest]: string[]): ScriptRun {
  const keys = rest.slice(0, Number(numberOfKeys));
  const args = rest.slice(keys.length);
  const first = args.indexOf(markedMember(0));
  const second = args.indexOf(markedMember(1));
  const width = second < 0 ? args.length - first : second - first;
  const scoresPerRun = (args.length - first) / width;
  const perScore = args.slice(first, first + width);
  if (!Number.isInteger(scoresPerRun) || !perScore.includes(`${MARKED_SCORE}`)) {
    throw new Error(`The arguments of the script have an unexpected layout: ${args.slice(0, 32).join(" ")}`);
  }
  return { sha: sha!, keys, head: args.slice(0, first), perScore, scoresPerRun };
}

/** The same run on the board `other`. */
export function onBoard(run: ScriptRun, board: string, other: string): ScriptRun {
  return { ...run, keys: run.keys.map((key) => key.replace(board, other)) };
}

/** The arguments of EVALSHA that submit `scores`. */
export function evalshaArguments(
  run: ScriptRun,
  scores: readonly Score[],
): [sha: string, numberOfKeys: number, ...rest: string[]] {
  const rest = [...run.keys, ...run.head];
  for (const { member, score } of scores) {
    for (const argument of run.perScore) {
      if (argument === markedMember(0)) rest.push(member);
      else if (argument === `${MARKED_SCORE}`) rest.push(String(score));
      else rest.push(argument);
    }
  }
  return [run.sha, run.keys.length, ...rest];
}
