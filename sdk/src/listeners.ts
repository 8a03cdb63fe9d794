/** Those who want to hear of a change. */
export class Listeners {
  readonly #entries = new Set<{ listener: () => void }>();

  get size(): number {
    return this.#entries.size;
  }

  /** @returns what removes this very registration, and says whether it was there; calling it again does nothing. */
  add(listener: () => void): () => boolean {
    const entry = { listener };
    this.#entries.add(entry);
    return () => this.#entries.delete(entry);
  }

  notify(): void {
    for (const { listener } of [...this.#entries]) listener();
  }
}
