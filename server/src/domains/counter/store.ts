import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { CounterKeys, Keys } from "../../redis/keys.js";
import { runScript, type Script, type ScriptArgument } from "../../redis/positional-scripts.js";
import { refuse } from "./refusals.js";
import type { Meta } from "./rules.js";
import { intervals, spans } from "./series.js";

/** How many HyperLogLogs the visitors are spread over, see visit.lua. */
const VISITOR_SHARES = 16;
/** How many HASHes the answers to adds and visits are spread over, see answers.lua. */
const ANSWER_SLOTS = 7;

function times<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

/** What one of many callers asks of a counter: a step, or to count a visitor. */
export interface Asked {
  writer: "server" | "user";
  subject: string;
  idempotency: Idempotency | null;
}

/** Whether a counter was made by a write, was there before, or is still not there, as all was refused. */
export type Existence = "new" | "known" | "none";

/** Runs the scripts of one counter: the keys, the idempotent writes, the statuses. */
export class CounterStore {
  readonly #redis: Redis;
  readonly #keys: CounterKeys;
  readonly #publish: string;

  constructor(redis: Redis, keys: Keys, publishCommand: string, counter: string) {
    this.#redis = redis;
    this.#keys = keys.counter(counter);
    this.#publish = publishCommand;
  }

  get meta(): string {
    return this.#keys.meta;
  }

  get series(): string[] {
    return intervals.map(this.#keys.series);
  }

  get visitorsDuring(): string[] {
    return intervals.map(this.#keys.visitorsDuring);
  }

  get visitors(): string[] {
    return times(VISITOR_SHARES, this.#keys.visitors);
  }

  /** The counter's meta as it is now; empty where nothing was ever written to it. */
  readMeta(): Promise<Meta> {
    return this.#redis.hgetall(this.#keys.meta);
  }

  /** @returns Redis's time in milliseconds and the entries of the series, see read-series.lua; null for no series. */
  async readSeries(script: Script, interval: string, last: number): Promise<[string, ...string[]] | null> {
    const [status, ...rest] = (await runScript(
      this.#redis,
      script,
      [this.meta, this.#keys.series(interval)],
      [interval, last],
    )) as string[];
    return status === "ok" ? (rest as [string, ...string[]]) : null;
  }

  /**
   * Runs a script that writes once for one caller. It takes the kept answer as its second key and the topic as its
   * third, and fingerprint, TTL and publishing command as its first arguments.
   * @returns what follows the status.
   * @throws {GrandstandError} what the status says.
   */
  async write(
    script: Script,
    idempotency: Idempotency | null,
    keys: string[],
    args: ScriptArgument[] = [],
  ): Promise<string[]> {
    const { scope, argv } = idempotencyArguments(idempotency);
    const [status, ...rest] = (await runScript(
      this.#redis,
      script,
      [this.meta, this.#keys.answer(scope), this.#keys.topic, ...keys],
      [...argv, this.#publish, ...args],
    )) as string[];
    refuse(status!);
    return rest;
  }

  /**
   * Runs a script that answers many callers, in their order.
   * @param keys those behind the series
   */
  async answer(
    script: Script,
    keys: string[],
    callers: Asked[],
  ): Promise<{ existence: Existence; grownBy: number; answers: string[] }> {
    const [existence, grownBy, ...answers] = (await runScript(
      this.#redis,
      script,
      [this.meta, this.#keys.topic, ...times(ANSWER_SLOTS, this.#keys.answers), ...this.series, ...keys],
      [
        this.#publish,
        newEpoch(),
        spans,
        ...callers.flatMap(({ writer, subject, idempotency }) => [
          writer,
          subject,
          idempotency?.scope ?? "",
          idempotency?.fingerprint ?? "",
        ]),
      ],
    )) as [Existence, ...string[]];
    return { existence, grownBy: Number(grownBy), answers };
  }
}

/** Names one life of a counter, in case that a script begins it. */
export function newEpoch(): string {
  return randomUUID();
}
