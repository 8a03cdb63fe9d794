import { endedEarly } from "./subscription.js";

/** The longest delay of one timer. For a read that is due later, the timer is set again when it fires. */
const LONGEST_TIMER_MS = 3_600_000;

interface CoalescedReadOptions<Request, Result> {
  /** The least time between the starts of two reads. */
  intervalMs: number;
  /** The delay after a failed read, before the next read starts. */
  retryMs: number;
  /** @param startedAt `performance.now()` at the start of the read */
  read(requests: Request[], startedAt: number): Promise<Result>;
  onFailure(error: unknown): void;
  /**
   * The cost of one request. A read takes requests in order until their total cost reaches `maxCost`. The other requests
   * wait for the next read.
   */
  costOf?(request: Request): number;
  maxCost?: number;
}

interface Waiting<Request, Result> {
  request: Request;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

type State =
  | { kind: "idle" }
  | { kind: "waiting"; at: number; timer: NodeJS.Timeout }
  | { kind: "reading" }
  | { kind: "closed" };

/**
 * Reads a changing source as rarely as possible. One read runs at a time, and all calls of `request` before its start share its
 * result. A scheduled read starts even if no `request` is waiting. So does the retry after a failed read.
 */
export class CoalescedRead<Request, Result> {
  readonly #options: CoalescedReadOptions<Request, Result>;
  #state: State = { kind: "idle" };
  #waiting: Waiting<Request, Result>[] = [];
  /** For each reason, when the next read has to start. A read that starts at that time or later deletes the entry. */
  readonly #due = new Map<string, number>();
  #startedAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(options: CoalescedReadOptions<Request, Result>) {
    this.#options = options;
  }

  /** When the last read started, as `performance.now()`. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** @returns the result of a read that starts after this call */
  request(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#state.kind === "closed") throw endedEarly();
      this.#waiting.push({ request, resolve, reject });
      this.#plan();
    });
  }

  /** Schedules a read at `at` (as `performance.now()`) or later. This replaces the time that the same reason had before. */
  schedule(reason: string, at: number): void {
    this.#due.set(reason, at);
    this.#plan();
  }

  cancel(reason: string): void {
    this.#due.delete(reason);
  }

  /** Rejects all waiting calls of `request`. */
  close(): void {
    if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
    this.#state = { kind: "closed" };
    for (const { reject } of this.#waiting.splice(0)) reject(endedEarly());
  }

  /** Starts or schedules the next read. */
  #plan(): void {
    if (this.#state.kind === "reading" || this.#state.kind === "closed") return;
    const wantedAt = this.#waiting.length > 0 ? this.#startedAt : Math.min(...this.#due.values());
    if (wantedAt === Number.POSITIVE_INFINITY) return;
    const at = Math.max(wantedAt, this.#startedAt + this.#options.intervalMs, this.#notBefore);
    if (this.#state.kind === "waiting") {
      if (this.#state.at <= at) return;
      clearTimeout(this.#state.timer);
    }
    const delayMs = Math.ceil(at - performance.now());
    if (delayMs <= 0) {
      void this.#read();
      return;
    }
    const timer = setTimeout(() => this.#onTimer(), Math.min(delayMs, LONGEST_TIMER_MS));
    this.#state = { kind: "waiting", at, timer };
  }

  #onTimer(): void {
    this.#state = { kind: "idle" };
    this.#plan();
  }

  async #read(): Promise<void> {
    this.#state = { kind: "reading" };
    this.#startedAt = performance.now();
    for (const [reason, at] of this.#due) if (at <= this.#startedAt) this.#due.delete(reason);
    const waiting = this.#take();
    try {
      const result = await this.#options.read(
        waiting.map(({ request }) => request),
        this.#startedAt,
      );
      for (const { resolve } of waiting) resolve(result);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      if (!this.#isClosed) this.#options.onFailure(error);
      this.#notBefore = performance.now() + this.#options.retryMs;
      this.#due.set("retry", this.#notBefore);
    }
    if (this.#isClosed) return;
    this.#state = { kind: "idle" };
    this.#plan();
  }

  get #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  #take(): Waiting<Request, Result>[] {
    const { costOf = () => 0, maxCost = Number.POSITIVE_INFINITY } = this.#options;
    let cost = 0;
    let count = 0;
    while (count < this.#waiting.length && cost < maxCost) {
      cost += costOf(this.#waiting[count]!.request);
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
