import { levelOf } from "../../redis/faults.js";
import type { PresenceSessionChange } from "../shared/presence-session.js";
import type { PresenceContext } from "./context.js";
import type { Work } from "./lease.js";
import type { Schedule } from "./schedule.js";
import { settleScript, sweepScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

/** What one script takes at most: a longer one would keep Redis from its other callers. */
const USERS_PER_RUN = 500;
/** Rooms of a node that is gone that are swept at the same time. */
const ROOMS_AT_ONCE = 50;

/**
 * Ends graces and keepings, and takes members from nodes that are gone: what no connection asks for, done by whichever
 * node has claimed it. All of it can be done twice, and what fails is claimed anew.
 */
export class Upkeep {
  readonly #context: PresenceContext;
  readonly #schedule: Schedule;
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: PresenceContext, schedule: Schedule) {
    this.#context = context;
    this.#schedule = schedule;
  }

  /** Does what was claimed. */
  take({ gone, rooms }: Work): void {
    for (const room of rooms) this.#begin("looking at a room", () => this.#settle(room));
    for (const { incarnation, goneAt } of gone) {
      this.#begin("sweeping a node", () => this.#sweep(incarnation, goneAt));
    }
  }

  /**
   * Takes a room's members from a node that is gone.
   * @param goneAt since when, in ms since 1970; "" for now
   */
  async sweepRoom(room: string, incarnation: string, goneAt: string): Promise<void> {
    const store = new PresenceStore(this.#context, room);
    for (;;) {
      const reply = await store.run(sweepScript, incarnation, [goneAt, USERS_PER_RUN]);
      const [lookInMs, hasMore] = reply as [string, string];
      if (lookInMs !== "") await this.#schedule.lookIn(room, Number(lookInMs));
      if (hasMore !== "1") return;
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #sweep(incarnation: string, goneAt: string): Promise<void> {
    const { redis, keys, log } = this.#context;
    const list = keys.presenceRooms(incarnation);
    let swept = 0;
    for (;;) {
      const rooms = await redis.srandmember(list, ROOMS_AT_ONCE);
      if (rooms.length === 0) break;
      await Promise.all(rooms.map((room) => this.sweepRoom(room, incarnation, goneAt)));
      await redis.srem(list, ...rooms);
      swept += rooms.length;
    }
    const { leases, sweeps } = keys.presenceNodes;
    await redis.zrem(leases, incarnation);
    await redis.zrem(sweeps, incarnation);
    log.info({ incarnation, rooms: swept }, "took the members of a node that is gone");
  }

  async #settle(room: string): Promise<void> {
    const store = new PresenceStore(this.#context, room);
    for (;;) {
      const [lookInMs, ...left] = await store.run(settleScript, "", [USERS_PER_RUN]);
      if (left.length === 0 && lookInMs !== "0") {
        await this.#schedule.lookedAt(room, lookInMs!);
        return;
      }
      if (left.length === 0) continue;
      await this.#context.stays.note(left.map((encoded) => endedStay(room, encoded)));
      await store.forgetLeaving(left);
    }
  }

  #begin(deed: string, act: () => Promise<void>): void {
    const doing = act().catch((error: unknown) => {
      this.#context.log[levelOf(error)]({ err: error }, `${deed} for its presence failed`);
    });
    this.#underWay.add(doing);
    void doing.then(() => this.#underWay.delete(doing));
  }
}

/** As presence.lua lists it. */
function endedStay(room: string, encoded: string): PresenceSessionChange {
  const [user, epoch, stay, atMs] = JSON.parse(encoded) as [string, string, string, string];
  return { user, room, epoch, joinOffset: Number(stay), ended: true, atMs: Number(atMs) };
}
