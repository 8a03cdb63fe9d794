import { randomUUID } from "node:crypto";
import { type ArgumentsOf, runScript, type Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { RecordArgument } from "./scripts.js";

/** How long the record of a user is kept after the user last left a room or received a notice: 30 days. */
export const RECORD_TTL_MS = 30 * 86_400_000;

export type RecordDependencies = Pick<DomainDependencies, "redis" | "keys" | "publishCommand" | "events">;

/**
 * Runs a script that writes to a user's record.
 * @param scope a hash of caller, operation and idempotency key (`Idempotency.scope`); "none" for a call without a key
 * @returns the script's reply, beginning with the status
 */
export async function writeRecord<Name extends string>(
  { redis, keys, publishCommand, events }: RecordDependencies,
  script: Script<Name, string>,
  user: string,
  args: Omit<ArgumentsOf<Name>, RecordArgument>,
  scope = "none",
): Promise<string[]> {
  const { firstReply, ...userKeys } = keys.user(user);
  const common = { publishCommand, newEpoch: randomUUID(), recordTtlMs: RECORD_TTL_MS };
  const scriptKeys = { ...userKeys, firstReply: firstReply(scope) };
  return (await events.run(script, { kind: "user", id: user }, (outbox) =>
    runScript(redis, script, scriptKeys, { ...common, ...outbox, ...args } as unknown as ArgumentsOf<Name>),
  )) as string[];
}
