import type { QuotaSettings } from "../config/limits.js";
import type { Caller } from "../core/caller.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { LimitReached } from "./limit-reached.js";
import { Quota } from "./quota.js";

/** How many resources, such as rooms, one user may bring into being by using them (AU10). Servers have no budget. */
export class CreationBudget {
  readonly #quota: Quota | null;

  constructor(settings: QuotaSettings | null, redis: RedisCommands, keys: Keys) {
    this.#quota =
      settings &&
      new Quota("creations", "what one user creates by use", settings, redis, (user) =>
        keys.limit("creations", user),
      );
  }

  /** The error for a caller who has nothing left. With nothing left, only existing resources may be used. */
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
