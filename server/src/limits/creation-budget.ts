import type { QuotaSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { LimitReached } from "./limit-reached.js";
import { Quota } from "./quota.js";

/**
 * Bounds how many resources one user may create by first use, such as rooms by a first message. Servers are not limited.
 */
export class CreationBudget {
  readonly #quota: Quota | null;

  constructor(settings: QuotaSettings | null, redis: RedisCommands, keys: Keys) {
    this.#quota =
      settings &&
      new Quota("creations", "what one user creates by use", settings, redis, (user) =>
        keys.limit("creations", user),
      );
  }

  /**
   * The error for a caller whose budget is used up, and who may only use existing resources; null for others.
   */
  refusal(caller: Caller): LimitReached | null {
    if (caller.kind !== "user") return null;
    try {
      this.#quota?.check(caller.user.id);
      return null;
    } catch (error) {
      if (error instanceof LimitReached) return error;
      throw error;
    }
  }

  /** A user has created a resource. */
  charge(user: string): void {
    this.#quota?.charge(user, 1);
  }
}
