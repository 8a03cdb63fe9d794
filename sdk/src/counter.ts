import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { Counter } from "@grandstand/shared/operations/counter";
import type { CallOperation } from "./call-operation.js";
import { createLiveCounter, type LiveCounter, type LiveCounters } from "./live/counter/live-counter.js";

export type CounterRules = Omit<InputOf<"counter.configure">, "counter">;
export type CounterSeries = Omit<InputOf<"counter.series">, "counter">;

/** One counter. Each method is the operation `counter.<method>`, and rejects with a `GrandstandError`. */
export interface CounterClient {
  readonly counter: string;
  get(): Promise<Counter>;
  /** Creates the counter, or replaces its rules. */
  configure(rules?: CounterRules): Promise<Counter>;
  delete(): Promise<void>;
  /** Adds to a total; 1 when not given. Sent again after a broken connection, it counts once. */
  add(by?: number): Promise<OutputOf<"counter.add">>;
  set(value: number): Promise<OutputOf<"counter.set">>;
  /** Reads the counter and clears it, in one step. @returns the value that it had. */
  reset(): Promise<number>;
  /** Counts a visitor once: the caller itself when not given. */
  visit(visitor?: string): Promise<OutputOf<"counter.visit">>;
  /** What was counted in each of the last intervals, oldest first. */
  series(series: CounterSeries): Promise<OutputOf<"counter.series">["points"]>;
  /** The value, live; nothing is sent before somebody subscribes to it. */
  live(): LiveCounter;
}

export function createCounter(counter: string, call: CallOperation, counters: LiveCounters): CounterClient {
  return {
    counter,
    get: () => call("counter.get", { counter }),
    configure: (rules = {}) => call("counter.configure", { ...rules, counter }),
    delete: async () => void (await call("counter.delete", { counter })),
    add: (by = 1) => call("counter.add", { counter, by }),
    set: (value) => call("counter.set", { counter, value }),
    reset: async () => (await call("counter.reset", { counter })).previous,
    visit: (visitor) => call("counter.visit", { counter, visitor }),
    series: async (series) => (await call("counter.series", { ...series, counter })).points,
    live: () => createLiveCounter(counter, counters),
  };
}
