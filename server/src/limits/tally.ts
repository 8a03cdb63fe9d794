/** How many there are of each; of most there is none, and nothing is kept. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(whose: string): number {
    return this.#counts.get(whose) ?? 0;
  }

  add(whose: string): void {
    this.#counts.set(whose, this.of(whose) + 1);
  }

  remove(whose: string): void {
    const left = this.of(whose) - 1;
    if (left > 0) this.#counts.set(whose, left);
    else this.#counts.delete(whose);
  }
}
