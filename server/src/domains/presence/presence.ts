import { setTimeout } from "node:timers/promises";
import type { Connection } from "../../core/connection.js";
import type { Bus } from "../../live/bus.js";
import { Checks } from "./checks.js";
import type { PresenceContext } from "./context.js";
import { Evictions } from "./evictions.js";
import { type FeedOptions, PresenceFeeds } from "./feed.js";
import { Lease } from "./lease.js";
import type { MemberRecord } from "./member.js";
import { Registry } from "./registry.js";
import { Schedule } from "./schedule.js";
import { type RoomMoment, SessionNotes } from "./session-notes.js";
import { Upkeep } from "./upkeep.js";

/** How long a node that ends takes to tell Redis who is gone. Otherwise it is swept like one that was killed. */
const CLOSE_MS = 3_000;

/** This node's part in presence. */
export class Presence {
  readonly registry: Registry;
  readonly schedule: Schedule;
  /** The source of the channels. */
  readonly feeds: PresenceFeeds;
  readonly #context: PresenceContext;
  readonly #lease: Lease;
  readonly #upkeep: Upkeep;
  readonly #evictions: Evictions;
  readonly #checks: Checks;
  readonly #notes: SessionNotes;
  #isStarted = false;

  constructor(context: PresenceContext, feedOptions: Partial<FeedOptions> = {}) {
    this.#context = context;
    const schedule = new Schedule(context);
    const upkeep = new Upkeep(context, schedule);
    const feeds = new PresenceFeeds(context, feedOptions);
    const lease: Lease = new Lease(context, {
      beforeRenewal: (lost) => registry.noteRooms(lost),
      onRenewed: () => {
        registry.announceAll();
        feeds.resyncAll();
      },
      onHeld: () => registry.resume(),
      onWork: (work) => upkeep.take(work),
    });
    const isHere = (room: string, user: string) => registry.holds(room, user);
    this.#notes = new SessionNotes(context, isHere);
    const notes = this.#notes;
    const registry: Registry = new Registry(context, lease, schedule, (room, moment, entered) =>
      notes.enter(room, moment, entered),
    );
    const evictions = new Evictions(context, schedule);
    this.#checks = new Checks({ context, lease, registry, feeds, schedule, upkeep, evictions, notes });
    this.registry = registry;
    this.schedule = schedule;
    this.feeds = feeds;
    this.#lease = lease;
    this.#upkeep = upkeep;
    this.#evictions = evictions;
  }

  /** @param bus where it hears that somebody may not see a room any more */
  async start(bus: Bus): Promise<void> {
    const { redis, keys } = this.#context;
    await this.#lease.start();
    this.#isStarted = true;
    await bus.listen(keys.presenceNodes.notices, {
      receive: (notice) => this.#onNotice(notice),
      // What was missed is found by the checks.
      resync: () => void this.#checks.all(),
    });
    redis.on("ready", this.#onReady);
    this.#checks.start();
  }

  /** A connection is gone. */
  drop(connection: Connection): void {
    this.registry.drop(connection);
  }

  /** A connection's credentials are others than before. */
  reviewRights(connection: Connection): void {
    this.registry.reviewRights(connection);
  }

  /** A caller without a connection keeps a user in a room. */
  kept(room: string, moment: RoomMoment, user: string, record: MemberRecord): void {
    this.#notes.enter(room, moment, [{ user, record }]);
  }

  /** Who may see a room has changed. @param user the only one whom it concerns; null for everyone */
  accessChanged(room: string, user: string | null): void {
    void this.#evictions.begin(room, user);
  }

  /** Gives everyone their grace and the lease up; the connections are gone by now. */
  async close(): Promise<void> {
    this.#context.redis.off("ready", this.#onReady);
    this.#checks.close();
    this.#evictions.close();
    if (!this.#isStarted) return;
    const told = this.registry.close().then(() => true);
    const isTold = await Promise.race([told, setTimeout(CLOSE_MS, false, { ref: false })]);
    this.#lease.stop();
    await Promise.race([this.#upkeep.idle(), setTimeout(CLOSE_MS, null, { ref: false })]);
    // Who could not tell all is swept when the lease ends.
    if (isTold) await this.#lease.giveUp().catch(() => {});
  }

  #onNotice(notice: string): void {
    const [, room, access, user] = /^(\S+) (\d+) (.*)$/s.exec(notice) as unknown as string[];
    this.registry.room(room!)?.noteAccess(access!, user !== "");
    this.registry.announce(room!, user === "" ? null : [user!]);
  }

  /** The connection to Redis is back. */
  readonly #onReady = (): void => {
    this.#notes.forget();
    void this.#lease.tick().then(() => this.#checks.all());
  };
}
