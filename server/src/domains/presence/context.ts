import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { StayRecords } from "../../calls/stay-change.js";
import type { Keys } from "../../redis/keys.js";

/** What all of a node's presence has in common. */
export interface PresenceContext {
  redis: Redis;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
  /** Whether a room that was never configured is public; else nobody but servers may see it. */
  openRooms: boolean;
  graceMs: number;
  leaseTtlMs: number;
  stays: StayRecords;
  log: Logger;
}
