import { runScript } from "../../redis/positional-scripts.js";
import type { PresenceContext } from "./context.js";
import { scheduleScript } from "./scripts.js";

/** When each room has to be looked at next, for all nodes together. */
export class Schedule {
  readonly #context: PresenceContext;

  constructor(context: PresenceContext) {
    this.#context = context;
  }

  /** Has a room looked at in `delayMs` at the latest. */
  async lookIn(room: string, delayMs: number): Promise<void> {
    await this.#run(room, String(delayMs), "0");
  }

  /** A room that was claimed has been looked at. @param delayMs when to look again; "" for never */
  async lookedAt(room: string, delayMs: string): Promise<void> {
    await this.#run(room, delayMs, "1");
  }

  async #run(room: string, delayMs: string, wasClaimed: string): Promise<void> {
    const { due, claimed } = this.#context.keys.presenceNodes;
    await runScript(this.#context.redis, scheduleScript, [due, claimed], [room, delayMs, wasClaimed]);
  }
}
