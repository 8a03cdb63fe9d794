import { setTimeout as wait } from "node:timers/promises";
import { levelOf } from "../../redis/faults.js";
import type { PresenceContext } from "./context.js";
import type { Evictions } from "./evictions.js";
import type { PresenceFeeds } from "./feed.js";
import type { Lease } from "./lease.js";
import type { Registry } from "./registry.js";
import type { Schedule } from "./schedule.js";
import { lookScript } from "./scripts.js";
import type { SessionNotes } from "./session-notes.js";
import { PresenceStore } from "./store.js";
import type { Upkeep } from "./upkeep.js";

const INTERVAL_MS = 60_000;
/** Over what time the rooms of one round are spread. */
const SPREAD_MS = 50_000;
const ROOMS_AT_ONCE = 16;

interface CheckedParts {
  context: PresenceContext;
  lease: Lease;
  registry: Registry;
  feeds: PresenceFeeds;
  schedule: Schedule;
  upkeep: Upkeep;
  evictions: Evictions;
  notes: SessionNotes;
}

/**
 * Compares what Redis knows of each room with what this node knows. They differ where Redis lost the end of what it was
 * told, as after a failover, or a notice was lost.
 */
export class Checks {
  readonly #parts: CheckedParts;
  #timer: NodeJS.Timeout | undefined;
  #isAllDue = false;
  #isCheckingAll = false;
  #isClosed = false;

  constructor(parts: CheckedParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), INTERVAL_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Checks all rooms right now: what Redis came back with may not be what it was told. */
  async all(): Promise<void> {
    this.#isAllDue = true;
    if (this.#isCheckingAll) return;
    this.#isCheckingAll = true;
    while (this.#isAllDue && !this.#isClosed) {
      this.#isAllDue = false;
      const rooms = this.#rooms();
      for (let at = 0; at < rooms.length && !this.#isClosed; at += ROOMS_AT_ONCE) {
        await Promise.all(rooms.slice(at, at + ROOMS_AT_ONCE).map((room) => this.#checkSafely(room)));
      }
    }
    this.#isCheckingAll = false;
  }

  async #round(): Promise<void> {
    const { registry, notes, context } = this.#parts;
    notes.tidy();
    await registry.letGoOfEmptyRooms().catch((error: unknown) => {
      context.log.debug({ err: error }, "keeping the list of rooms failed");
    });
    const rooms = this.#rooms();
    for (const room of rooms) {
      if (this.#isClosed) return;
      await this.#checkSafely(room);
      await wait(SPREAD_MS / rooms.length, undefined, { ref: false });
    }
    if (!this.#isClosed) this.start();
  }

  #rooms(): string[] {
    const { registry, feeds } = this.#parts;
    return [...new Set([...[...registry.rooms].map(({ room }) => room), ...feeds.rooms])];
  }

  async #checkSafely(room: string): Promise<void> {
    try {
      await this.#check(room);
    } catch (error) {
      this.#parts.context.log[levelOf(error)]({ err: error, room }, "checking a room's presence failed");
    }
  }

  async #check(name: string): Promise<void> {
    const { context, lease, registry, feeds, schedule, upkeep, evictions, notes } = this.#parts;
    const node = lease.incarnation;
    const room = registry.room(name);
    const version = room?.version;
    const reply = await new PresenceStore(context, name).run(lookScript, node);
    const [epoch, offset, access, lookInMs, noted, ...others] = reply as [
      ...[string, string, string, string, string],
      ...string[],
    ];
    feeds.verify(name, epoch, Number(offset), access);
    if (lookInMs !== "") await schedule.lookIn(name, Number(lookInMs));
    for (const other of others) {
      // A node has its lease before it holds anybody.
      const lease = await context.redis.zscore(context.keys.presenceNodes.leases, other);
      if (lease === null) await upkeep.sweepRoom(name, other, "");
    }
    if (!room || node !== lease.incarnation) return;
    if (room.access !== null && room.access !== access) void evictions.begin(name, null);
    room.access = access;
    if (!room.isClean || room.version !== version || room.summary === noted) return;
    context.log.warn({ room: name }, "redis knows other members of a room than this node; telling it again");
    notes.forget(name);
    const held = await context.redis.smembers(context.keys.presence(name).held(node));
    registry.announce(name, new Set([...held, ...room.users]));
  }
}
