import { runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { scheduleRoomScript } from "./scripts.js";

/** The schedule, shared by all nodes, of rooms in which the grace or TTL of a member ends. */
export class DueRooms {
  readonly #dependencies: DomainDependencies;

  constructor(dependencies: DomainDependencies) {
    this.#dependencies = dependencies;
  }

  /** Schedules a room in `delayMs` at the latest; "" for never. */
  async schedule(room: string, delayMs: string | number): Promise<void> {
    if (delayMs !== "") await this.#run(room, delayMs, false);
  }

  /** Ends a claim on a room. @param delayMs when the room is due again; "" for never */
  done(room: string, delayMs: string): Promise<void> {
    return this.#run(room, delayMs, true);
  }

  async #run(room: string, delayMs: string | number, isDone: boolean): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const args = { room, delayMs, isDone: isDone ? "1" : "0" };
    await runScript(redis, scheduleRoomScript, keys.presenceNodes, args);
  }
}
