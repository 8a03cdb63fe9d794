import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { Keys } from "../../redis/keys.js";
import type { PresenceSessionRecords } from "../shared/presence-session.js";

/** What all of a node's presence has in common. */
export interface PresenceContext {
  redis: Redis;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
  /** Whether a room that was never configured is public; else nobody but servers may see it. */
  openRooms: boolean;
  graceMs: number;
  leaseTtlMs: number;
  stays: PresenceSessionRecords;
  log: Logger;
}
