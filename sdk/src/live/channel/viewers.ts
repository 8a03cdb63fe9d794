/**
 * How long a viewer (a part of the app that uses the channel) is kept after its release. If the page mounts the same
 * component again within this time, nothing has to be loaded again.
 */
const LINGER_MS = 1_000;

/** The viewers of one live channel. A released viewer stays for a second, and may be attached again. */
export class Viewers<V> {
  readonly #viewers = new Set<V>();
  readonly #lingering = new Map<V, ReturnType<typeof setTimeout>>();
  readonly #onChange: () => void;
  #isOver = false;

  /** @param onChange called when a viewer was attached or removed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** All viewers, including those that were released within the last second. */
  get all(): readonly V[] {
    return [...this.#viewers];
  }

  /** The viewers that are attached: those that were not released. */
  get attached(): readonly V[] {
    return this.all.filter((viewer) => !this.#lingering.has(viewer));
  }

  attach(viewer: V): void {
    clearTimeout(this.#lingering.get(viewer));
    this.#lingering.delete(viewer);
    this.#viewers.add(viewer);
    if (!this.#isOver) this.#onChange();
  }

  /** Attaches a viewer. @returns a function that releases it */
  listen(viewer: V): () => void {
    this.attach(viewer);
    return () => this.release(viewer);
  }

  /** Removes the viewer after a second, unless it is attached again. */
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

  /** Stops calling `onChange`, and removes released viewers immediately. */
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
