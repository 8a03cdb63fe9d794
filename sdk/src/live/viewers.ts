/** How long one who left is kept: longer than a page needs to mount anew what it unmounted. */
const LINGER_MS = 1_000;

/** Those who look at one live channel. Who is released still counts for a moment, and may come back meanwhile. */
export class Viewers<V> {
  readonly #viewers = new Set<V>();
  readonly #lingering = new Map<V, ReturnType<typeof setTimeout>>();
  readonly #onChange: () => void;
  #isOver = false;

  /** @param onChange called when one came or has left for good */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Everyone who counts. */
  get all(): readonly V[] {
    return [...this.#viewers];
  }

  /** Those of them who were not released. */
  get present(): readonly V[] {
    return this.all.filter((viewer) => !this.#lingering.has(viewer));
  }

  attach(viewer: V): void {
    clearTimeout(this.#lingering.get(viewer));
    this.#lingering.delete(viewer);
    this.#viewers.add(viewer);
    if (!this.#isOver) this.#onChange();
  }

  /** The viewer leaves unless it is attached again soon. */
  release(viewer: V): void {
    if (this.#isOver) {
      this.#viewers.delete(viewer);
      return;
    }
    if (this.#lingering.has(viewer) || !this.#viewers.has(viewer)) return;
    const leave = () => {
      this.#lingering.delete(viewer);
      this.#viewers.delete(viewer);
      this.#onChange();
    };
    this.#lingering.set(viewer, setTimeout(leave, LINGER_MS));
  }

  /** `onChange` is told nothing more, and who is released leaves at once. */
  end(): void {
    this.#isOver = true;
    for (const [viewer, timer] of this.#lingering) {
      clearTimeout(timer);
      this.#viewers.delete(viewer);
    }
    this.#lingering.clear();
  }

  /** Reverts `end`. */
  reopen(): void {
    this.#isOver = false;
  }
}
