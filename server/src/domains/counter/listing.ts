import type { IdIndex } from "../shared/id-index.js";
import type { Existence } from "./store.js";

/** How many counters a node remembers to have listed. */
const REMEMBERED = 10_000;

/**
 * Puts into the index what a write has made without a `configure`. The node that made a counter lists it before it
 * acknowledges; should it end before that, the next node that writes to the counter for the first time does.
 */
export class Listing {
  readonly #index: IdIndex;
  readonly #listed = new Set<string>();

  constructor(index: IdIndex) {
    this.#index = index;
  }

  async note(counter: string, existence: Existence): Promise<void> {
    if (existence === "none" || (existence === "known" && this.#listed.has(counter))) return;
    await this.#index.add(counter);
    if (this.#listed.size === REMEMBERED) this.#listed.clear();
    this.#listed.add(counter);
  }
}
