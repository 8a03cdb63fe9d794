/** The counts for dense ranks that are under way on this node: who asks meanwhile waits for the same one. */
export class DenseCounts {
  readonly #running = new Map<string, Promise<void>>();

  /** @param key names the season */
  once(key: string, count: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key);
    if (running) return running;
    const started = count().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
