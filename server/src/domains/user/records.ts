import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Keys, UserKeys } from "../../redis/keys.js";
import { runScript, type Script, type ScriptArgument } from "../../redis/positional-scripts.js";

/** How long the record of a user is kept who is in no room and is told nothing: 30 days. */
export const RECORD_TTL_MS = 30 * 86_400_000;

/** What the records of all users of a node have in common. */
export interface UserGround {
  redis: Redis;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
}

/**
 * Runs a script that writes to a user's record.
 * @returns the script's reply, the status first
 */
export async function writeRecord(
  { redis, keys, publishCommand }: UserGround,
  script: Script,
  user: string,
  keysOf: (keys: UserKeys) => string[],
  args: ScriptArgument[],
): Promise<string[]> {
  const userKeys = keys.user(user);
  const reply = await runScript(
    redis,
    script,
    [userKeys.meta, userKeys.rooms, userKeys.topic, ...keysOf(userKeys)],
    [publishCommand, randomUUID(), RECORD_TTL_MS, ...args],
  );
  return reply as string[];
}
