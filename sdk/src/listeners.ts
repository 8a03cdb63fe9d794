import { callApp } from "./app-callback.js";

/** The listeners of one store. */
export class Listeners {
  readonly #entries = new Set<{ listener: () => void }>();

  get size(): number {
    return this.#entries.size;
  }

  /** @returns a function that removes this registration and returns whether it was still there. */
  add(listener: () => void): () => boolean {
    const entry = { listener };
    this.#entries.add(entry);
    return () => this.#entries.delete(entry);
  }

  notify(): void {
    for (const { listener } of [...this.#entries]) callApp(listener);
  }
}
