import { setTimeout } from "node:timers/promises";
import type { Topics } from "../../redis/topics.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { DueRooms } from "./due-rooms.js";
import { decodeNotice, Evictions } from "./evictions.js";
import { type FeedOptions, PresenceFeeds } from "./feed.js";
import { Heartbeat } from "./heartbeat.js";
import { Lease } from "./lease.js";
import { LocalRooms } from "./local-rooms.js";
import { MembershipWriter } from "./membership-writer.js";
import { Reconciler } from "./reconciler.js";
import { Registry } from "./registry.js";
import { SessionRecorder } from "./session-recorder.js";
import { Upkeep } from "./upkeep.js";

/** How long a node that stops may take to report its members as lost. If it takes longer, another node removes its members. */
const CLOSE_MS = 3_000;

/** The presence of one node. Each part knows only the parts that were constructed before it. */
export class Presence {
  readonly rooms: LocalRooms;
  readonly dueRooms: DueRooms;
  readonly recorder: SessionRecorder;
  readonly writer: MembershipWriter;
  readonly registry: Registry;
  readonly feeds: PresenceFeeds;
  readonly evictions: Evictions;
  readonly #lease: Lease;
  readonly #upkeep: Upkeep;
  readonly #heartbeat: Heartbeat;
  readonly #reconciler: Reconciler;
  readonly #dependencies: DomainDependencies;
  #isStarted = false;
  #stopWatching = (): void => {};

  constructor(dependencies: DomainDependencies, feedOptions: Partial<FeedOptions> = {}) {
    const rooms = new LocalRooms();
    const lease = new Lease(dependencies);
    const dueRooms = new DueRooms(dependencies);
    const recorder = new SessionRecorder(dependencies, rooms);
    const writer = new MembershipWriter(dependencies, { rooms, lease, dueRooms, recorder });
    const registry = new Registry(rooms, writer);
    const feeds = new PresenceFeeds(dependencies, feedOptions);
    const upkeep = new Upkeep(dependencies, dueRooms);
    const evictions = new Evictions(dependencies, dueRooms);
    const parts = { rooms, lease, dueRooms, recorder, writer, registry, feeds, upkeep, evictions };
    this.rooms = rooms;
    this.dueRooms = dueRooms;
    this.recorder = recorder;
    this.writer = writer;
    this.registry = registry;
    this.feeds = feeds;
    this.evictions = evictions;
    this.#lease = lease;
    this.#upkeep = upkeep;
    this.#heartbeat = new Heartbeat(dependencies, parts);
    this.#reconciler = new Reconciler(dependencies, parts);
    this.#dependencies = dependencies;
  }

  async start(topics: Topics): Promise<void> {
    const { redis, keys } = this.#dependencies;
    await this.#heartbeat.start();
    this.#isStarted = true;
    await topics.listen(keys.presenceNodes.notices, {
      receive: (notice) => this.#onAccessNotice(notice),
      // Reconciling finds the changes whose notices were lost.
      resync: () => this.#reconciler.reconcileAll(),
    });
    this.#stopWatching = redis.onReconnect(() => this.#onReconnect());
    this.#reconciler.start();
  }

  /**
   * Reports that all members have lost their connections, and releases the lease. Each member stays in the room for the
   * grace period, unless they connect again. The caller has closed all connections before.
   */
  async close(): Promise<void> {
    this.#stopWatching();
    this.#reconciler.close();
    this.evictions.close();
    if (!this.#isStarted) return;
    const isWritten = await Promise.race([
      this.registry.close().then(() => true),
      setTimeout(CLOSE_MS, false, { ref: false }),
    ]);
    this.#heartbeat.stop();
    await Promise.race([this.#upkeep.idle(), setTimeout(CLOSE_MS, null, { ref: false })]);
    // A lease that is not released expires, and then another node removes this node's members.
    if (isWritten) await this.#lease.release().catch(() => {});
  }

  /** Makes Redis check the access of this node's members in the room again. */
  #onAccessNotice(notice: string): void {
    const { room, accessVersion, user } = decodeNotice(notice);
    this.rooms.get(room)?.noteAccess(accessVersion, user !== null);
    this.registry.announce(room, user === null ? null : [user]);
  }

  #onReconnect(): void {
    this.recorder.forget();
    void this.#heartbeat.tick().then(() => this.#reconciler.reconcileAll());
  }
}
