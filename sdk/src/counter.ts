import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { Counter } from "@grandstand/shared/operations/counter";
import type { CallOperation, CallOptions } from "./call-operation.js";
import { createLiveCounter, type LiveCounter } from "./live/counter/counter-view.js";
import type { LiveCounters } from "./live/counter/live-counter.js";
import type { LazyLive } from "./live/lazy-live.js";

export type CounterRules = Omit<InputOf<"counter.configure">, "counter">;
export type CounterSeries = Omit<InputOf<"counter.series">, "counter">;

/**
 * One counter. Each method but `live` is the operation `counter.<method>`, and rejects with a
 * `GrandstandError`, or with the reason of an aborted signal.
 */
export interface CounterClient {
  readonly counter: string;
  get(callOptions?: CallOptions): Promise<Counter>;
  /** Creates the counter, or changes its rules. Rules that are not given stay as they are. */
  configure(rules?: CounterRules, callOptions?: CallOptions): Promise<Counter>;
  delete(callOptions?: CallOptions): Promise<void>;
  /**
   * Adds `by`, 1 by default, to a `total` counter. A call that the client has to send again still counts
   * once.
   */
  add(by?: number, callOptions?: CallOptions): Promise<OutputOf<"counter.add">>;
  set(value: number, callOptions?: CallOptions): Promise<OutputOf<"counter.set">>;
  /**
   * Reads the counter and resets it to 0, or to its bound nearest to 0, in one atomic step.
   * @returns the value before the reset
   */
  reset(callOptions?: CallOptions): Promise<number>;
  /**
   * Adds a visitor to a `unique` counter, which counts each visitor once. The visitor is the calling user by
   * default.
   */
  visit(visitor?: string, callOptions?: CallOptions): Promise<OutputOf<"counter.visit">>;
  /** How much was counted in each of the last minutes, hours or days, oldest first. */
  series(series: CounterSeries, callOptions?: CallOptions): Promise<OutputOf<"counter.series">["points"]>;
  /** The live value. It subscribes on the server when its first listener subscribes. */
  live(): LiveCounter;
}

export function createCounter(
  counter: string,
  call: CallOperation,
  counters: LazyLive<LiveCounters>,
): CounterClient {
  return {
    counter,
    get: (callOptions) => call("counter.get", { counter }, callOptions),
    configure: (rules = {}, callOptions) => call("counter.configure", { ...rules, counter }, callOptions),
    delete: async (callOptions) => void (await call("counter.delete", { counter }, callOptions)),
    add: (by = 1, callOptions) => call("counter.add", { counter, by }, callOptions),
    set: (value, callOptions) => call("counter.set", { counter, value }, callOptions),
    reset: async (callOptions) => (await call("counter.reset", { counter }, callOptions)).previous,
    visit: (visitor, callOptions) => call("counter.visit", { counter, visitor }, callOptions),
    series: async (series, callOptions) =>
      (await call("counter.series", { ...series, counter }, callOptions)).points,
    live: () => createLiveCounter(counter, counters),
  };
}
