import { setTimeout } from "node:timers/promises";
import type { PresenceContext } from "./context.js";
import type { Schedule } from "./schedule.js";
import { evictScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

const USERS_PER_RUN = 500;
const RETRY_MS = 500;

/** Puts users out of rooms that they may not see any more. */
export class Evictions {
  readonly #context: PresenceContext;
  readonly #schedule: Schedule;
  #isClosed = false;

  constructor(context: PresenceContext, schedule: Schedule) {
    this.#context = context;
    this.#schedule = schedule;
  }

  /**
   * Who may see a room has changed. Never rejects; Redis that is away is waited for.
   * @param user the only one whom it concerns, if there is one
   */
  async begin(room: string, user: string | null): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#evict(room, user ?? "");
        return;
      } catch (error) {
        this.#context.log.debug({ err: error, room }, "putting users out of a room failed");
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  async #evict(room: string, user: string): Promise<void> {
    const { redis, keys, publishCommand } = this.#context;
    const store = new PresenceStore(this.#context, room);
    let behind = "0";
    let seen: string | null = null;
    do {
      const reply = await store.run(evictScript, "", [user, behind, USERS_PER_RUN]);
      const [lookInMs, access, last] = reply as [string, string, string];
      seen ??= access;
      if (lookInMs !== "") await this.#schedule.lookIn(room, Number(lookInMs));
      behind = last;
    } while (behind !== "");
    // The nodes that hold them would say that they are here.
    await redis.call(publishCommand, keys.presenceNodes.notices, `${room} ${seen} ${user}`);
  }
}
