import type { CountScope } from "../../limits/other-workers-counts.js";
import type { CountChange } from "./messages.js";

/** Counts the connections of all workers by user and by network. Only the primary process has a count board. */
export class CountBoard {
  readonly #limits: Record<CountScope, number>;
  /** The counts of each worker, by the worker's id. The key of an inner map is `<scope> <key>`, such as `user ann`. */
  readonly #byWorker = new Map<number, Map<string, CountChange>>();
  readonly #totals = new Map<string, number>();

  constructor(limits: Record<CountScope, number>) {
    this.#limits = limits;
  }

  /** @returns for each key that is now above its limit, how many of the added connections are too many */
  apply(
    worker: number,
    changes: readonly CountChange[],
  ): { scope: CountScope; key: string; count: number }[] {
    const own = this.#byWorker.get(worker) ?? new Map<string, CountChange>();
    this.#byWorker.set(worker, own);
    const excess = [];
    for (const { scope, key, by } of changes) {
      const name = `${scope} ${key}`;
      const count = (own.get(name)?.by ?? 0) + by;
      if (count === 0) own.delete(name);
      else own.set(name, { scope, key, by: count });
      const total = (this.#totals.get(name) ?? 0) + by;
      if (total === 0) this.#totals.delete(name);
      else this.#totals.set(name, total);
      const above = Math.min(by, total - this.#limits[scope]);
      if (above > 0) excess.push({ scope, key, count: above });
    }
    return excess;
  }

  /** The connection counts of all workers, for a worker that has just started. */
  snapshot(): CountChange[] {
    return [...this.#byWorker.values()].flatMap((own) => [...own.values()]);
  }

  /** Removes a worker that has exited. @returns the changes that subtract its connections, for the other workers */
  remove(worker: number): CountChange[] {
    const removals = [...(this.#byWorker.get(worker)?.values() ?? [])].map(({ scope, key, by }) => ({
      scope,
      key,
      by: -by,
    }));
    this.apply(worker, removals);
    this.#byWorker.delete(worker);
    return removals;
  }
}
