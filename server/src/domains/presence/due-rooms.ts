import { runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { scheduleRoomScript } from "./scripts.js";

/**
 * The schedule of the rooms in which the grace or TTL of a member will end. Grace: how long a user without a connection
 * stays a member. TTL: how long a server keeps a user in the room. The schedule is in Redis, and all nodes share it. When a
 * room is due, one node claims the room and ends the grace or TTL (upkeep.ts).
 */
export class DueRooms {
  readonly #dependencies: DomainDependencies;

  constructor(dependencies: DomainDependencies) {
    this.#dependencies = dependencies;
  }

  /** Makes a room due after `delayMs` at the latest. Does nothing if `delayMs` is "", a script's reply for "never". */
  async schedule(room: string, delayMs: string | number): Promise<void> {
    if (delayMs !== "") await this.#run(room, delayMs, false);
  }

  /**
   * Ends this node's claim on a room. The node calls this when it has done the work that was due.
   * @param delayMs how long until the room is due again; "" for never
   */
  done(room: string, delayMs: string): Promise<void> {
    return this.#run(room, delayMs, true);
  }

  async #run(room: string, delayMs: string | number, isDone: boolean): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const args = { room, delayMs, isDone: isDone ? "1" : "0" };
    await runScript(redis, scheduleRoomScript, keys.presenceNodes, args);
  }
}
