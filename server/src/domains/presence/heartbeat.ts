import type { DomainDependencies } from "../shared/dependencies.js";
import type { PresenceFeeds } from "./feed.js";
import type { Lease, Work } from "./lease.js";
import type { LocalRooms } from "./local-rooms.js";
import type { MembershipWriter } from "./membership-writer.js";
import type { Registry } from "./registry.js";
import type { Upkeep } from "./upkeep.js";

const TICK_MS = 500;
/** The longest time between two ticks of an idle node without members. */
const REST_MS = 60_000;
/** How many ticks a node runs at most when it wakes, to carry out what became due while it was idle. */
const WAKE_TICKS = 3;

/**
 * Renews this node's lease twice a second, and starts the work that the renewal claimed. Each renewal is a
 * tick. An idle node without members ticks when the next work is due, and at the latest after REST_MS.
 */
export class Heartbeat {
  readonly #dependencies: DomainDependencies;
  readonly #rooms: LocalRooms;
  readonly #lease: Lease;
  readonly #writer: MembershipWriter;
  readonly #registry: Registry;
  readonly #feeds: PresenceFeeds;
  readonly #upkeep: Upkeep;
  #timer: NodeJS.Timeout | undefined;
  #state: "waiting" | "ticking" | "stopped" = "stopped";
  /** The tick under way, or the last one. */
  #tick: Promise<boolean> = Promise.resolve(false);
  #delayMs = TICK_MS;
  #hasFailed = false;
  #stopPacing = () => {};

  constructor(
    dependencies: DomainDependencies,
    parts: {
      rooms: LocalRooms;
      lease: Lease;
      writer: MembershipWriter;
      registry: Registry;
      feeds: PresenceFeeds;
      upkeep: Upkeep;
    },
  ) {
    this.#dependencies = dependencies;
    this.#rooms = parts.rooms;
    this.#lease = parts.lease;
    this.#writer = parts.writer;
    this.#registry = parts.registry;
    this.#feeds = parts.feeds;
    this.#upkeep = parts.upkeep;
  }

  async start(): Promise<void> {
    this.#upkeep.carryOut(await this.#lease.acquire());
    this.#stopPacing = this.#dependencies.pace.add({ rest: () => {}, wake: () => this.#wake() });
    this.#wait();
  }

  /** Stops the renewals. The lease stays valid until it is released or ends. */
  stop(): void {
    this.#state = "stopped";
    this.#stopPacing();
    clearTimeout(this.#timer);
  }

  /**
   * Renews the lease, or waits for the renewal that is running. Never rejects.
   * @returns whether the renewal claimed work; after `stop`, what the last renewal returned
   */
  readonly tick = (): Promise<boolean> => {
    if (this.#state === "waiting") this.#tick = this.#tickOnce();
    return this.#tick;
  };

  async #tickOnce(): Promise<boolean> {
    this.#state = "ticking";
    clearTimeout(this.#timer);
    const isResting = this.#mayRest;
    let hasWork = false;
    try {
      const work = await this.#lease.renew({
        plannedMs: this.#hasFailed ? 0 : this.#delayMs,
        restMs: isResting ? 2 * REST_MS : null,
      });
      this.#hasFailed = false;
      if (work === null) await this.#replaceLease();
      else {
        this.#writer.resume();
        this.#upkeep.carryOut(work);
        hasWork = work.goneNodes.length > 0 || work.rooms.length > 0;
      }
      this.#delayMs = work !== null && isResting && this.#upkeep.isIdle ? this.#restMs(work) : TICK_MS;
    } catch (error) {
      this.#hasFailed = true;
      this.#delayMs = TICK_MS;
      this.#dependencies.log.debug({ err: error }, "presence: renewing the lease failed");
    } finally {
      // `stop` may have been called meanwhile.
      if (this.#isTicking) this.#wait();
    }
    return hasWork;
  }

  get #isTicking(): boolean {
    return this.#state === "ticking";
  }

  #wait(): void {
    this.#state = "waiting";
    this.#timer = setTimeout(this.tick, this.#delayMs);
  }

  get #mayRest(): boolean {
    return this.#dependencies.pace.isIdle && [...this.#rooms.all].every((room) => room.isEmpty);
  }

  /**
   * How long an idle node may wait until its next tick. It ticks twice a second during the last third of another node's
   * lease, to notice soon if that lease ends: the other node has died, and its members must be removed.
   */
  #restMs({ nextLeaseMs, nextRoomMs }: Work): number {
    const { pace, leaseTtlMs } = this.#dependencies;
    const untilLease = (nextLeaseMs ?? Number.POSITIVE_INFINITY) - leaseTtlMs / 3;
    const untilRoom = nextRoomMs ?? Number.POSITIVE_INFINITY;
    return Math.max(TICK_MS, Math.min(untilLease, untilRoom, pace.idleDelay(REST_MS)));
  }

  /**
   * Takes a lease of normal length again, and carries out the work that became due while the node was idle.
   */
  async #wake(): Promise<void> {
    // A tick that began while the node was idle may take a lease that is longer by 2 * REST_MS. The next tick shortens it.
    if (this.#state === "ticking") await this.#tick;
    for (let ticks = 0; ticks < WAKE_TICKS && (await this.tick()); ticks += 1) await this.#upkeep.idle();
  }

  async #replaceLease(): Promise<void> {
    const lost = this.#lease.incarnation;
    const level = this.#dependencies.pace.isIdle ? "debug" : "warn";
    this.#dependencies.log[level](
      { lost },
      "the lease of presence was lost; announcing all members of this node again",
    );
    // Another node removes the members that this node wrote under the lost lease. That node finds their rooms in a list in
    // Redis. Redis may have lost the list, so this node writes the list again.
    await this.#writer.registerRoomsOf(lost);
    this.#upkeep.carryOut(await this.#lease.replace());
    this.#registry.announceAll();
    this.#feeds.resyncAll();
  }
}
