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

/** An open season that ends at a set time, such as the end of a week. */
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
  /**
   * Whether a room that was never configured is public. If not, only servers, and users whose credentials give rights on
   * the room, have access to it.
   */
  openRooms: boolean;
  /** How long a user stays in a room after the user's last connection closed. */
  presenceGraceMs: number;
  leaseTtlMs: number;
  /** Users' profiles. A domain need not add them to its replies and publications: the dispatcher and the hub do. */
  profiles: Profiles;
  presenceSessions: PresenceSessionRecords;
  roomAccessChanges: RoomAccessChanges;
  /** Publishes unread counts and read marks in users' channels. Without `inboxes`, nothing publishes them. */
  inboxes?: Inboxes;
  /** The delivery traces that operators started. Without `traces`, nothing is traced. */
  traces?: ChannelTraces;
  creationBudget: CreationBudget;
  /** Runs the scripts that queue events for webhooks. */
  events: EventQueue;
  /** Schedules the close of a season at its end. Scheduling the same season again has no effect. */
  scheduleSeasonEnd(season: OpenedSeason): void;
  /** Schedules a run of `Erasures.run` (domains/user/erasures.ts), now or after a delay. */
  scheduleErasure(user: string, delayMs: number): Promise<void>;
}
