const WIDTH = 30;
const INTERVAL_MS = 100;

/** A progress bar on standard error, so that standard output has only the result. Without a terminal it prints nothing. */
export class Progress {
  readonly #what: string;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(what: string) {
    this.#what = what;
  }

  /** @param share how much is done, from 0 to 1 */
  show(share: number, detail: string): void {
    if (!process.stderr.isTTY) return;
    const now = performance.now();
    if (share < 1 && now - this.#drawnAt < INTERVAL_MS) return;
    this.#drawnAt = now;
    const filled = Math.round(Math.min(1, share) * WIDTH);
    const bar = "#".repeat(filled).padEnd(WIDTH, ".");
    process.stderr.write(
      `\r${this.#what} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} % ${detail}\x1b[K`,
    );
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
