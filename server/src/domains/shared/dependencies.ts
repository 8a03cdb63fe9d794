import type { Logger } from "pino";
import type { CreationBudget } from "../../limits/creation-budget.js";
import type { ChannelTraces } from "../../live/channel-traces.js";
import type { Observer } from "../../observer/observer.js";
import type { Profiles } from "../../profiles/profiles.js";
import type { RedisCommands } from "../../redis/commands.js";
import type { Keys } from "../../redis/keys.js";
import type { Pace } from "../../redis/pace.js";
import type { EventQueue } from "./event-queue.js";
import type { Inboxes } from "./inbox.js";
import type { PresenceSessionRecords } from "./presence-session.js";
import type { RoomAccessChanges } from "./room-access-changes.js";

/** A season that has begun and ends by its calendar. */
export interface OpenedSeason {
  board: string;
  window: string;
  endsAtMs: number;
}

/** What every domain of a node receives. */
export interface DomainDependencies {
  redis: RedisCommands;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
  log: Logger;
  observer: Observer;
  pace: Pace;
  /** Whether a room that was never configured is public. Otherwise only servers have access to it. */
  openRooms: boolean;
  /** How long a user stays in a room after the last connection closed. */
  presenceGraceMs: number;
  leaseTtlMs: number;
  /** The profiles of users: replies and publications show the present ones by themselves. */
  profiles: Profiles;
  presenceSessions: PresenceSessionRecords;
  roomAccessChanges: RoomAccessChanges;
  /** Reports unread counts and read marks to the channels of users. Without it, those channels carry none. */
  inboxes?: Inboxes;
  /** What operators trace. Without it, nothing is. */
  traces?: ChannelTraces;
  creationBudget: CreationBudget;
  /** Runs the scripts that queue events for webhooks. */
  events: EventQueue;
  /** Schedules the close of a season at its end. To schedule one twice does no harm. */
  scheduleSeasonEnd(season: OpenedSeason): void;
  /** Schedules a run of `Erasures.run`, now or after a delay. */
  scheduleErasure(user: string, delayMs: number): Promise<void>;
}
