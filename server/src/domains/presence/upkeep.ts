import { levelOf } from "../../redis/faults.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { PresenceSessionChange } from "../shared/presence-session.js";
import type { DueRooms } from "./due-rooms.js";
import type { Work } from "./lease.js";
import { expireMembersScript, sweepScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

/** The most users that one script takes, so that it does not block Redis for other callers. */
const USERS_PER_RUN = 500;
/** How many rooms of a gone node are cleaned up in parallel. */
const ROOMS_IN_PARALLEL = 50;

/**
 * Carries out the work that this node has claimed. It removes members whose grace or TTL has ended, and releases the
 * members of gone nodes (a sweep). Each step may run twice. After a failure, a node claims the step again.
 */
export class Upkeep {
  readonly #dependencies: DomainDependencies;
  readonly #dueRooms: DueRooms;
  readonly #running = new Set<Promise<void>>();

  constructor(dependencies: DomainDependencies, dueRooms: DueRooms) {
    this.#dependencies = dependencies;
    this.#dueRooms = dueRooms;
  }

  carryOut({ goneNodes, rooms }: Work): void {
    for (const room of rooms) {
      this.#run(() => this.#expireMembers(room), "presence: expiring members failed", { room });
    }
    for (const { incarnation, goneAt } of goneNodes) {
      this.#run(() => this.#sweep(incarnation, goneAt), "presence: sweeping a node failed", { incarnation });
    }
  }

  /**
   * Notes that the members of a room have no connection to a gone node any more. The grace begins for those that have no
   * connection to another node either.
   * @param goneAt when the lease of the node ended, in ms since 1970; "" stands for the current time
   */
  async sweepRoom(room: string, incarnation: string, goneAt: string): Promise<void> {
    const store = new PresenceStore(this.#dependencies, room);
    for (;;) {
      const args = { goneAt, limit: USERS_PER_RUN };
      const { dueInMs, hasMore } = await store.run(sweepScript, args, incarnation);
      await this.#dueRooms.schedule(room, dueInMs);
      if (hasMore !== "1") return;
    }
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves when the work that is running now has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #sweep(incarnation: string, goneAt: string): Promise<void> {
    const { redis, keys, log, observer } = this.#dependencies;
    const list = keys.presenceRooms(incarnation);
    let swept = 0;
    for (;;) {
      const rooms = await redis.srandmember(list, ROOMS_IN_PARALLEL);
      if (rooms.length === 0) break;
      await Promise.all(rooms.map((room) => this.sweepRoom(room, incarnation, goneAt)));
      await redis.srem(list, ...rooms);
      swept += rooms.length;
    }
    const { leases, sweeps } = keys.presenceNodes;
    await redis.zrem(leases, incarnation);
    await redis.zrem(sweeps, incarnation);
    observer.note("presenceSwept", { rooms: swept });
    log.info({ incarnation, rooms: swept }, "presence: removed the members of a node that is gone");
  }

  async #expireMembers(room: string): Promise<void> {
    const store = new PresenceStore(this.#dependencies, room);
    for (;;) {
      const { dueInMs, ended } = await store.run(expireMembersScript, { limit: USERS_PER_RUN });
      if (ended.length === 0 && dueInMs !== "0") {
        await this.#dueRooms.done(room, dueInMs);
        return;
      }
      if (ended.length === 0) continue;
      await this.#dependencies.presenceSessions.note(ended.map((encoded) => endedSession(room, encoded)));
      await store.forgetLeaving(ended);
      this.#dependencies.observer.note("presenceExpired", { members: ended.length });
    }
  }

  #run(work: () => Promise<void>, failure: string, about: object): void {
    const running = work().catch((error: unknown) => {
      this.#dependencies.log[levelOf(error)]({ err: error, ...about }, failure);
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }
}

/** Parses an element of the SET `leaving`. */
function endedSession(room: string, encoded: string): PresenceSessionChange {
  const [user, epoch, joinOffset, atMs] = JSON.parse(encoded) as [string, string, string, string];
  return { user, room, epoch, joinOffset: Number(joinOffset), ended: true, atMs: Number(atMs) };
}
