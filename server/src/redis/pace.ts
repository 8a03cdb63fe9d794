import { setTimeout as wait } from "node:timers/promises";
import type { PaceSettings } from "../config/config.js";

/** How often a task runs: every `ms`, or every `idleMs` on an idle node. */
export interface Interval {
  ms: number;
  idleMs: number;
}

/** Something that slows down while the node is idle. */
export interface Paced {
  /** The node became idle. */
  rest(): void;
  /**
   * The node is no longer idle, because a client called an operation or connected. The reply to the client waits for
   * the returned promise, for at most WAKE_LIMIT_MS.
   */
  wake(): unknown;
}

/** How long the first reply after an idle time may wait for the tasks that wake. */
const WAKE_LIMIT_MS = 1_000;

/**
 * The pace of this node's periodic tasks, which send commands to Redis. A node without connections and calls is idle,
 * and runs the tasks rarely. An idle node returns to full pace before it answers the next call.
 */
export class Pace {
  readonly #settings: PaceSettings;
  readonly #paced = new Set<Paced>();
  #isServing = () => false;
  #isIdle = false;
  #usedAt = performance.now();
  #waking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: PaceSettings) {
    this.#settings = settings;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** @param isServing whether the node has a connection, and so is not idle */
  start(isServing: () => boolean): void {
    this.#isServing = isServing;
    this.#watch();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#paced.clear();
  }

  /**
   * The node has a call or a new connection.
   * @returns what the reply to a call has to wait for; null when the node is at full pace
   */
  wake(): Promise<void> | null {
    this.#usedAt = performance.now();
    if (this.#isIdle) {
      this.#isIdle = false;
      this.#watch();
      const all = Promise.allSettled([...this.#paced].map((paced) => paced.wake()));
      this.#waking = Promise.race([all, wait(WAKE_LIMIT_MS, null, { ref: false })]).then(() => {
        this.#waking = null;
      });
    }
    return this.#waking;
  }

  /** @returns a function that removes `paced` again */
  add(paced: Paced): () => void {
    this.#paced.add(paced);
    return () => this.#paced.delete(paced);
  }

  /**
   * Runs a task at intervals, and when an idle node wakes.
   * @param run handles its own errors
   * @returns a function that stops the task
   */
  every({ ms, idleMs }: Interval, run: () => unknown): () => void {
    let timer: NodeJS.Timeout;
    const plan = () => {
      clearInterval(timer);
      timer = setInterval(run, this.#isIdle ? this.idleDelay(idleMs) : ms);
    };
    const remove = this.add({
      rest: plan,
      wake: () => {
        plan();
        return run();
      },
    });
    plan();
    return () => {
      remove();
      clearInterval(timer);
    };
  }

  /** The interval of a task on an idle node, scaled by the setting `idleSpeed`. */
  idleDelay(ms: number): number {
    return ms / this.#settings.idleSpeed;
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#usedAt + this.#settings.idleAfterMs - performance.now();
    this.#timer = setTimeout(
      this.#check,
      this.#isServing() ? this.#settings.idleAfterMs : Math.max(leftMs, 1),
    );
    this.#timer.unref();
  }

  readonly #check = (): void => {
    if (this.#isServing()) this.#usedAt = performance.now();
    if (performance.now() - this.#usedAt < this.#settings.idleAfterMs) {
      this.#watch();
      return;
    }
    this.#isIdle = true;
    for (const paced of this.#paced) paced.rest();
  };
}

/** The pace of a node that is never idle. */
export const fullPace = new Pace({ idleAfterMs: 1, idleSpeed: 1 });
